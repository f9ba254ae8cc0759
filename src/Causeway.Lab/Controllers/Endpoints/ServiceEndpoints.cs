using System.Collections.Immutable;
using System.Text.Json;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Endpoints;

/// <summary>Endpoints that share their addresses' type and the ports behind the service's.</summary>
/// <param name="AddressType"><c>IPv4</c> or <c>IPv6</c>.</param>
/// <param name="Endpoints">By pod, in order.</param>
public sealed record EndpointGroup(
    string AddressType, ImmutableArray<SlicePort> Ports, ImmutableArray<EndpointObject> Endpoints)
{
    /// <summary>What slices of this group have in common, as text.</summary>
    public string Key => KeyOf(AddressType, Ports);

    public static string KeyOf(string? addressType, IEnumerable<SlicePort> ports) =>
        $"{addressType}|" + string.Join('|', ports.Select(p =>
            $"{p.Name ?? ""} {p.Protocol ?? "TCP"} {p.Port} {p.AppProtocol}").Order(StringComparer.Ordinal));
}

/// <summary>Which endpoints a service has: pure, from its selector, the pods and their nodes'
/// zones.</summary>
public static class ServiceEndpoints
{
    /// <param name="pods">Those of the service's namespace; others are passed over.</param>
    /// <param name="zoneOf">A node's zone; null where it has none.</param>
    public static IReadOnlyList<EndpointGroup> Of(
        ServiceObject service, IEnumerable<PodObject> pods, Func<string, string?> zoneOf)
    {
        List<EndpointGroup> groups = [];
        if (!service.SelectsPods) return groups;
        var chosen = pods.Where(p => service.Selects(p) && BelongsIn(p))
            .OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).ToList();
        foreach (var type in service.Spec.IpFamilies ?? [])
        {
            Dictionary<string, (ImmutableArray<SlicePort> Ports,
                List<EndpointObject> Endpoints)> byPorts = [];
            foreach (var pod in chosen)
            {
                if (AddressOf(pod, type) is not { } address) continue;
                var ports = PortsOf(service, pod);
                var key = EndpointGroup.KeyOf(type, ports);
                if (!byPorts.TryGetValue(key, out var group)) byPorts[key] = group = (ports, []);
                group.Endpoints.Add(Endpoint(service, pod, address, zoneOf(pod.Spec!.NodeName!)));
            }
            foreach (var (_, (ports, endpoints)) in byPorts.OrderBy(g => g.Key, StringComparer.Ordinal))
                groups.Add(new(type, ports, [.. endpoints]));
        }
        return groups;
    }

    /// <summary>A pod that has ended is no endpoint; one that is ending still is, and says so.</summary>
    private static bool BelongsIn(PodObject pod) => !pod.IsFinished && pod.Spec?.NodeName is { Length: > 0 };

    private static string? AddressOf(PodObject pod, string type)
    {
        var family = type == "IPv4" ? IpFamily.V4 : IpFamily.V6;
        var all = pod.Status?.PodIPs?.Select(p => p.Ip) ?? (pod.Status?.PodIP is { } one ? [one] : []);
        return all.FirstOrDefault(a => IpAddress.TryParse(a, out var address) && address.Family == family);
    }

    private static EndpointObject Endpoint(ServiceObject service, PodObject pod, string address, string? zone)
    {
        var always = service.Spec.PublishNotReadyAddresses;
        var serving = always || pod.IsReady;
        var ready = always || (serving && !pod.IsDeleting);
        return new()
        {
            Addresses = [address],
            Conditions = new(ready, serving, pod.IsDeleting),
            Hostname = pod.Spec!.Hostname is { Length: > 0 } host
                && pod.Spec.Subdomain == service.Metadata.Name
                ? host : null,
            NodeName = pod.Spec.NodeName,
            Zone = zone,
            TargetRef = new("Pod", pod.Metadata.Namespace, pod.Metadata.Name, pod.Metadata.Uid),
            Hints = ready ? HintsOf(service.Spec.TrafficDistribution, zone, pod.Spec.NodeName!) : null,
        };
    }

    private static SliceHints? HintsOf(string? distribution, string? zone, string node)
    {
        IReadOnlyList<SliceHint>? zones = zone is null ? null : [new(zone)];
        return distribution switch
        {
            "PreferClose" or "PreferSameZone" => zones is null ? null : new(zones),
            "PreferSameNode" => new(zones, [new(node)]),
            _ => null,
        };
    }

    /// <summary>The service's ports as this pod has them; a named one that it lacks is left out.</summary>
    private static ImmutableArray<SlicePort> PortsOf(ServiceObject service, PodObject pod)
    {
        var ports = ImmutableArray.CreateBuilder<SlicePort>();
        foreach (var port in service.Spec.Ports ?? [])
            if (NumberOf(port, pod) is { } number)
                ports.Add(new(port.Name ?? "", port.Protocol ?? "TCP", number, port.AppProtocol));
        return ports.ToImmutable();
    }

    private static int? NumberOf(ServiceObjectPort port, PodObject pod)
    {
        if (port.TargetPort is not { } target) return port.Port;
        if (target.ValueKind == JsonValueKind.Number) return target.GetInt32();
        var name = target.GetString();
        var containers = (pod.Spec?.Containers ?? [])
            .Concat((pod.Spec?.InitContainers ?? []).Where(c => c.RestartPolicy == "Always"));
        return containers.SelectMany(c => c.Ports ?? [])
            .FirstOrDefault(p => p.Name == name && (p.Protocol ?? "TCP") == (port.Protocol ?? "TCP"))?.Port;
    }
}
