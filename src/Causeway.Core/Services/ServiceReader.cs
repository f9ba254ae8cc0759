using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Services;

/// <summary>Reads one Service.</summary>
internal sealed class ServiceReader(Service service, IReadOnlyList<IpAddress> nodeAddresses)
{
    private readonly List<ServiceProblem> _problems = [];
    private readonly ServiceSpec _spec = service.Spec;

    public ServiceReading Read()
    {
        var ports = ImmutableArray.CreateBuilder<ServicePortPlan>();
        HashSet<ServicePortKey> seen = [];
        foreach (var clusterIp in ClusterIps())
        {
            var shared = Shared(clusterIp);
            foreach (var port in _spec.Ports ?? [])
            {
                if (Port(shared, port) is not { } plan) continue;
                if (seen.Add(plan.Key)) ports.Add(plan);
                else Complain($"spec.ports: '{plan.Key.Name}' is there twice; the first is used");
            }
        }
        return new(ports.ToImmutable(), [.. _problems.Distinct()]);
    }

    private IEnumerable<IpAddress> ClusterIps()
    {
        IEnumerable<string?> texts = _spec.ClusterIPs ?? [];
        if (_spec.ClusterIPs is not { Count: > 0 }) texts = [_spec.ClusterIP];
        HashSet<IpFamily> families = [];
        foreach (var text in texts)
        {
            if (string.IsNullOrEmpty(text) || text == Service.Headless) continue;
            if (Address("spec.clusterIPs", text) is { } address && families.Add(address.Family)) yield return address;
        }
    }

    private ServicePortPlan Shared(IpAddress clusterIp)
    {
        var family = clusterIp.Family;
        var externallyAccessible = _spec.Type is Service.NodePortType or Service.LoadBalancerType
            || _spec.ExternalIPs is { Count: > 0 };
        var externalLocal = externallyAccessible && _spec.ExternalTrafficPolicy == Service.Local;
        var ranges = SourceRanges(family);
        return new()
        {
            Key = default,
            ClusterIp = clusterIp,
            Port = 0,
            ExternalIps = Addresses("spec.externalIPs", family, _spec.ExternalIPs),
            LoadBalancerVips = Addresses(
                "status.loadBalancer.ingress", family,
                service.Status?.LoadBalancer?.Ingress?.Where(i => i is { IsVip: true, Ip.Length: > 0 })
                    .Select(i => i.Ip)),
            SourceRanges = ranges,
            AllowsFromVips = ranges.Any(r => nodeAddresses.Any(r.Contains)),
            AffinitySeconds = _spec.SessionAffinity == Service.ClientIp ? AffinitySeconds() : 0,
            ExternalLocal = externalLocal,
            InternalLocal = _spec.InternalTrafficPolicy == Service.Local,
            HealthCheckNodePort = externalLocal && _spec.Type == Service.LoadBalancerType
                ? OptionalPort("spec.healthCheckNodePort", _spec.HealthCheckNodePort)
                : (ushort)0,
        };
    }

    private ServicePortPlan? Port(ServicePortPlan shared, ServicePort? port)
    {
        if (port is null) return null;
        var name = port.Name ?? "";
        if (Protocol(port.Protocol) is not { } protocol)
        {
            Complain($"spec.ports[{name}].protocol '{Cut(port.Protocol)}' is none of TCP, UDP, SCTP");
            return null;
        }
        if (port.Port is < 1 or > ushort.MaxValue)
        {
            Complain($"spec.ports[{name}].port {port.Port} is not in 1..65535");
            return null;
        }
        return shared with
        {
            Key = new(
                new(service.Metadata.Namespace ?? "", service.Metadata.Name, name, protocol), shared.ClusterIp.Family),
            Port = (ushort)port.Port,
            NodePort = OptionalPort($"spec.ports[{name}].nodePort", port.NodePort),
        };
    }

    private int AffinitySeconds()
    {
        var seconds = _spec.SessionAffinityConfig?.ClientIP?.TimeoutSeconds ?? ClientIpConfig.DefaultTimeoutSeconds;
        if (seconds is >= 1 and <= 86400) return seconds;
        Complain(
            $"spec.sessionAffinityConfig.clientIP.timeoutSeconds {seconds} is not in 1..86400; "
            + $"{ClientIpConfig.DefaultTimeoutSeconds} is used");
        return ClientIpConfig.DefaultTimeoutSeconds;
    }

    private ImmutableArray<Prefix> SourceRanges(IpFamily family)
    {
        IEnumerable<string?> texts = _spec.LoadBalancerSourceRanges ?? [];
        if (_spec.LoadBalancerSourceRanges is not { Count: > 0 } && _spec.Type == Service.LoadBalancerType
            && service.Metadata.Annotation(Service.SourceRangesAnnotation) is { Length: > 0 } annotation)
            texts = annotation.Split(',');
        List<Prefix> ranges = [];
        foreach (var text in texts)
        {
            // The API has always let blanks around a range pass.
            if (!InterfaceAddress.TryParse((text ?? "").Trim(), out var range))
                Complain($"spec.loadBalancerSourceRanges: '{Cut(text)}' is not a network in CIDR form");
            else if (range.Network.Family == family)
                ranges.Add(range.Network);
        }
        return [.. ranges.Where(r => !ranges.Any(o => o != r && o.Contains(r))).Distinct().Order()];
    }

    private ImmutableArray<IpAddress> Addresses(string field, IpFamily family, IEnumerable<string?>? texts)
    {
        SortedSet<IpAddress> addresses = [];
        foreach (var text in texts ?? [])
            if (Address(field, text) is { } address && address.Family == family) addresses.Add(address);
        return [.. addresses];
    }

    private IpAddress? Address(string field, string? text)
    {
        if (!IpAddress.TryParse(text, out var address))
        {
            Complain($"{field}: '{Cut(text)}' is not an IP address");
            return null;
        }
        if (!address.IsLoopback && !address.IsUnspecified && !address.IsMulticast) return address;
        Complain($"{field}: {address} cannot be the address of a service");
        return null;
    }

    private ushort OptionalPort(string field, int? port)
    {
        if (port is null or 0) return 0;
        if (port is > 0 and <= ushort.MaxValue) return (ushort)port;
        Complain($"{field} {port} is not in 1..65535");
        return 0;
    }

    internal static TransportProtocol? Protocol(string? text) => text switch
    {
        null or "TCP" => TransportProtocol.Tcp,
        "UDP" => TransportProtocol.Udp,
        "SCTP" => TransportProtocol.Sctp,
        _ => null,
    };

    internal static string Cut(string? text) => text is null ? "" : text.Length <= 60 ? text : text[..60] + "...";

    private void Complain(string message) =>
        _problems.Add(new($"Service/{service.Metadata.Namespace}/{service.Metadata.Name}", message));
}
