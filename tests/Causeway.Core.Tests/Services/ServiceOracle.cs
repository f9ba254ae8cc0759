using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Tests.Services;

/// <summary>Where a connection comes from, as the Kubernetes documentation tells sources apart.</summary>
public enum OracleSource
{
    /// <summary>A pod of the cluster.</summary>
    Pod,

    /// <summary>A process on the node that decides.</summary>
    Node,

    /// <summary>Anything else.</summary>
    Outside,
}

public enum OracleVerdict
{
    /// <summary>Not the address of a service: the packet goes on as it is.</summary>
    NotAService,
    Endpoints,
    Reject,
    Drop,
}

/// <param name="Endpoints">Those that may be chosen, <c>ADDRESS PORT</c>, each with whether the source is
/// masqueraded.</param>
public sealed record OracleAnswer(OracleVerdict Verdict, SortedDictionary<string, bool> Endpoints)
{
    public static OracleAnswer Of(OracleVerdict verdict) => new(verdict, []);

    public override string ToString() =>
        $"{Verdict} {string.Join(", ", Endpoints.Select(e => e.Key + (e.Value ? " masqueraded" : "")))}".TrimEnd();
}

/// <param name="Destination">The address in the packet.</param>
public sealed record OracleQuestion(
    OracleSource Kind, IpAddress Source, IpAddress Destination, TransportProtocol Protocol, int Port);

/// <summary>
/// What Services mean, written from the API's documentation and not from any proxy: the judge of plans and rules.
/// Knows nothing of the planner. Takes well-formed objects whose addresses and node ports do not collide.
/// </summary>
/// <param name="node">The node that decides.</param>
/// <param name="nodeAddresses">Its own addresses.</param>
/// <param name="podsKnown">Whether the node can tell pods' addresses from others.</param>
public sealed class ServiceOracle(
    IReadOnlyCollection<Service> services, IReadOnlyCollection<EndpointSlice> slices,
    string node, string? zone, IReadOnlyCollection<IpAddress> nodeAddresses, bool podsKnown = true)
{
    public OracleAnswer Ask(OracleQuestion q)
    {
        foreach (var service in services)
        {
            if (service.Spec.Type == "ExternalName" || IsForeign(service.Metadata)) continue;
            if (ClusterIp(service, q.Destination.Family) is not { } clusterIp) continue;
            foreach (var port in service.Spec.Ports ?? [])
            {
                if (!Speaks(port, q.Protocol)) continue;
                if (port.Port == q.Port && q.Destination == clusterIp) return Internal(service, port, q);
                if (port.Port == q.Port && IsLoadBalancer(service, q.Destination))
                    return MayUseLoadBalancer(service, q) ? External(service, port, q) : OracleAnswer.Of(OracleVerdict.Drop);
                if (port.Port == q.Port && Holds(service.Spec.ExternalIPs, q.Destination))
                    return External(service, port, q);
            }
        }
        if (!nodeAddresses.Contains(q.Destination)) return OracleAnswer.Of(OracleVerdict.NotAService);
        foreach (var service in services)
        {
            if (service.Spec.Type == "ExternalName" || IsForeign(service.Metadata)) continue;
            if (ClusterIp(service, q.Destination.Family) is null) continue;
            foreach (var port in service.Spec.Ports ?? [])
                if (Speaks(port, q.Protocol) && port.NodePort == q.Port)
                    return External(service, port, q);
        }
        return OracleAnswer.Of(OracleVerdict.NotAService);
    }

    // A pod's source is kept; the node's own and everyone else's would not find its way back through us.
    private OracleAnswer Internal(Service service, ServicePort port, OracleQuestion q)
    {
        var all = EndpointsOf(service, port, q.Destination.Family);
        var masquerade = podsKnown && q.Kind != OracleSource.Pod;
        return service.Spec.InternalTrafficPolicy == "Local"
            ? Answer(all, Preferred(all.Where(OnNode)), q, masquerade)
            : Answer(all, Near(all), q, masquerade);
    }

    // Policy Local keeps the client's address and the traffic on the node, for clients outside. Who is inside
    // reaches all endpoints, as if a load balancer had sent it to the right node.
    private OracleAnswer External(Service service, ServicePort port, OracleQuestion q)
    {
        var all = EndpointsOf(service, port, q.Destination.Family);
        if (service.Spec.ExternalTrafficPolicy != "Local") return Answer(all, Near(all), q, true);
        return q.Kind switch
        {
            OracleSource.Pod when podsKnown => Answer(all, Near(all), q, false),
            OracleSource.Node => Answer(all, Near(all), q, true),
            _ => Answer(all, Preferred(all.Where(OnNode)), q, false),
        };
    }

    private static OracleAnswer Answer(
        IReadOnlyList<Known> all, IReadOnlyList<Known> chosen, OracleQuestion q, bool masquerade)
    {
        if (!all.Any(e => e.Ready || e.Finishing)) return OracleAnswer.Of(OracleVerdict.Reject);
        if (chosen.Count == 0) return OracleAnswer.Of(OracleVerdict.Drop);
        SortedDictionary<string, bool> endpoints = new(StringComparer.Ordinal);
        foreach (var e in chosen)
            endpoints[string.Create(CultureInfo.InvariantCulture, $"{e.Address} {e.Port}")] =
                masquerade || q.Source == e.Address;
        return new(OracleVerdict.Endpoints, endpoints);
    }

    private bool MayUseLoadBalancer(Service service, OracleQuestion q)
    {
        var ranges = (service.Spec.LoadBalancerSourceRanges ?? [])
            .Select(r => InterfaceAddress.Parse(r.Trim()).Network)
            .Where(r => r.Family == q.Source.Family).ToArray();
        if (ranges.Length == 0 || ranges.Any(r => r.Contains(q.Source))) return true;
        return IsLoadBalancer(service, q.Source) && ranges.Any(r => nodeAddresses.Any(r.Contains));
    }

    private IReadOnlyList<Known> Near(IReadOnlyList<Known> all)
    {
        var ready = all.Where(e => e.Ready).ToArray();
        if (ready.Length == 0) return [.. all.Where(e => e.Finishing)];
        foreach (var (hints, here) in new (Func<Known, IReadOnlyCollection<string>>, string?)[]
            { (e => e.Nodes, node), (e => e.Zones, zone) })
        {
            if (!ready.All(e => hints(e).Count > 0)) continue;
            var near = ready.Where(e => hints(e).Contains(here!)).ToArray();
            if (near.Length > 0) return near;
        }
        return ready;
    }

    private static IReadOnlyList<Known> Preferred(IEnumerable<Known> endpoints)
    {
        var all = endpoints.ToArray();
        return all.Any(e => e.Ready) ? [.. all.Where(e => e.Ready)] : [.. all.Where(e => e.Finishing)];
    }

    private bool OnNode(Known e) => e.Node == node;

    private List<Known> EndpointsOf(Service service, ServicePort port, IpFamily family)
    {
        List<Known> found = [];
        foreach (var slice in slices)
        {
            if (slice.Metadata.Namespace != service.Metadata.Namespace || IsForeign(slice.Metadata)) continue;
            if (slice.Metadata.Labels?.GetValueOrDefault("kubernetes.io/service-name") != service.Metadata.Name) continue;
            if (slice.AddressType != (family == IpFamily.V4 ? "IPv4" : "IPv6")) continue;
            foreach (var slicePort in slice.Ports ?? [])
            {
                if ((slicePort.Name ?? "") != (port.Name ?? "") || slicePort.Port is not { } number) continue;
                if ((slicePort.Protocol ?? "TCP") != (port.Protocol ?? "TCP")) continue;
                found.AddRange((slice.Endpoints ?? []).Select(e => new Known(
                    IpAddress.Parse(e.Addresses![0]), number, e.NodeName,
                    e.Conditions?.Ready ?? true,
                    e.Conditions?.Ready == false && (e.Conditions?.Serving ?? true) && e.Conditions?.Terminating == true,
                    [.. e.Hints?.ForZones?.Select(h => h.Name!) ?? []],
                    [.. e.Hints?.ForNodes?.Select(h => h.Name!) ?? []])));
            }
        }
        return found;
    }

    private static IpAddress? ClusterIp(Service service, IpFamily family)
    {
        foreach (var text in service.Spec.ClusterIPs ?? [])
            if (IpAddress.TryParse(text, out var address) && address.Family == family) return address;
        return null;
    }

    private static bool IsLoadBalancer(Service service, IpAddress address) => Holds(
        service.Status?.LoadBalancer?.Ingress?.Where(i => i.IpMode != "Proxy").Select(i => i.Ip ?? ""), address);

    private static bool Holds(IEnumerable<string>? texts, IpAddress address) =>
        texts?.Any(t => IpAddress.TryParse(t, out var a) && a == address) == true;

    private static bool Speaks(ServicePort port, TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => port.Protocol is null or "TCP",
        TransportProtocol.Udp => port.Protocol == "UDP",
        _ => port.Protocol == "SCTP",
    };

    private static bool IsForeign(ObjectMeta meta) => meta.Labels?.Keys.Any(
        k => k is "service.kubernetes.io/service-proxy-name" or "service.kubernetes.io/headless") == true;

    private sealed record Known(
        IpAddress Address, int Port, string? Node, bool Ready, bool Finishing,
        IReadOnlyCollection<string> Zones, IReadOnlyCollection<string> Nodes);
}
