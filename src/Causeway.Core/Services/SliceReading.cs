using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Services;

/// <summary>What one EndpointSlice gives to the ports of its service.</summary>
/// <param name="Service"><c>ns/name</c> of the service; null when the slice is of no interest.</param>
internal sealed record SliceReading(
    string? Service, ImmutableArray<(SlicePortKey Port, ServiceEndpoint Endpoint)> Endpoints,
    ImmutableArray<ServiceProblem> Problems)
{
    public static readonly SliceReading Nothing = new(null, [], []);

    /// <summary>Never throws: what cannot be read is left out and told as a problem.</summary>
    public static SliceReading Of(EndpointSlice slice, string node)
    {
        var meta = slice.Metadata;
        if (!ServiceReading.IsForUs(meta)) return Nothing;
        List<ServiceProblem> problems = [];
        void Complain(string message) => problems.Add(new($"EndpointSlice/{meta.Namespace}/{meta.Name}", message));

        var service = meta.Labels?.GetValueOrDefault(EndpointSlice.ServiceNameLabel);
        if (string.IsNullOrEmpty(service))
        {
            Complain($"has no label {EndpointSlice.ServiceNameLabel}: it belongs to no service");
            return Nothing with { Problems = [.. problems] };
        }
        IpFamily? family = slice.AddressType switch { "IPv4" => IpFamily.V4, "IPv6" => IpFamily.V6, _ => null };
        if (family is null && slice.AddressType != "FQDN")
            Complain($"addressType '{ServiceReader.Cut(slice.AddressType)}' is none of IPv4, IPv6, FQDN");
        if (family is not { } only) return Nothing with { Problems = [.. problems] };

        var endpoints = ImmutableArray.CreateBuilder<(SlicePortKey, ServiceEndpoint)>();
        var ports = Ports(slice, only, Complain);
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            if (endpoint is null || Address(endpoint, only, Complain) is not { } address) continue;
            var parsed = Read(endpoint, address, node);
            foreach (var (key, port) in ports) endpoints.Add((key, parsed with { Port = port }));
        }
        return new($"{meta.Namespace}/{service}", endpoints.ToImmutable(), [.. problems.Distinct()]);
    }

    private static ServiceEndpoint Read(SliceEndpoint endpoint, IpAddress address, string node)
    {
        ServiceEndpoint read = new(
            address, 0, endpoint.NodeName == node && node.Length > 0,
            endpoint.IsReady, endpoint.IsServing, endpoint.IsTerminating) { Node = endpoint.NodeName };
        if (endpoint.Hints?.ForZones is { Count: > 0 } zones) read = read with { ZoneHints = Names(zones) };
        return endpoint.Hints?.ForNodes is { Count: > 0 } nodes ? read with { NodeHints = Names(nodes) } : read;
    }

    private static List<(SlicePortKey Key, ushort Port)> Ports(
        EndpointSlice slice, IpFamily family, Action<string> complain)
    {
        List<(SlicePortKey, ushort)> ports = [];
        foreach (var port in slice.Ports ?? [])
        {
            if (port is null) continue;
            var name = port.Name ?? "";
            if (port.Port is not (>= 1 and <= ushort.MaxValue))
                complain($"ports[{ServiceReader.Cut(name)}]: a port in 1..65535 is needed, not '{port.Port}'");
            else if (ServiceReader.Protocol(port.Protocol) is not { } protocol)
                complain($"ports[{ServiceReader.Cut(name)}].protocol '{ServiceReader.Cut(port.Protocol)}' is unknown");
            else
                ports.Add((new(name, protocol, family), (ushort)port.Port));
        }
        return ports;
    }

    private static IpAddress? Address(SliceEndpoint endpoint, IpFamily family, Action<string> complain)
    {
        var text = endpoint.Addresses is { Count: > 0 } addresses ? addresses[0] : null;
        if (!IpAddress.TryParse(text, out var address))
            complain($"endpoints: '{ServiceReader.Cut(text)}' is not an IP address");
        else if (address.Family != family)
            complain($"endpoints: {address} is not of the slice's address type");
        else if (address.IsLoopback || address.IsUnspecified || address.IsMulticast || address.IsLinkLocal)
            complain($"endpoints: {address} cannot be an endpoint");
        else
            return address;
        return null;
    }

    private static HashSet<string> Names(IEnumerable<SliceHint?> hints) =>
        [.. hints.Select(h => h?.Name).OfType<string>()];
}

/// <summary>Which port of a service an endpoint is for.</summary>
internal readonly record struct SlicePortKey(string Port, TransportProtocol Protocol, IpFamily Family);
