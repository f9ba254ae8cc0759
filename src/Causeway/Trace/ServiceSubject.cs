using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>A service as the target of a trace.</summary>
internal static class ServiceSubject
{
    private static readonly string[] Suffixes = [".svc.cluster.local", ".svc"];

    // What becomes of a packet to an address that nobody has.
    private static readonly CauseCode[] GoesAstray =
    [
        CauseCode.LeavesCluster, CauseCode.NoRoute, CauseCode.NeighbourUnanswered, CauseCode.TtlExceeded, CauseCode.Loop,
        CauseCode.RouteUnreachable, CauseCode.WrongHost,
    ];

    /// <summary><c>web</c>, <c>web.shop</c>, <c>shop/web</c>, <c>web.shop.svc.cluster.local</c>; null for no service.
    /// Throws <see cref="InputException"/> for one without an address of its own.</summary>
    public static TraceSubject? Find(ClusterSnapshot cluster, TraceTarget target, string defaultNamespace)
    {
        if (Key(cluster, target, defaultNamespace) is not { } key) return null;
        var service = cluster.Services[key];
        var addresses = service.ClusterAddresses().ToList();
        if (addresses.Count == 0)
            throw new InputException(service.Spec.ExternalName is { Length: > 0 } name
                ? $"service {key} is another name of {name}: name that as the target"
                : $"service {key} has no cluster IP (it is headless): name one of its pods");
        return new(null, addresses, $"service {key}") { Service = key };
    }

    public static bool Exists(ClusterSnapshot cluster, TraceTarget target, string defaultNamespace) =>
        Key(cluster, target, defaultNamespace) is not null;

    /// <summary>What a result means for a service: it has no such port, nothing stands behind it, or no rule translates
    /// its address.</summary>
    public static TraceResult Judge(ClusterSnapshot cluster, string key, TraceResult result)
    {
        if (result.Cause is not { } cause) return result;
        if (cause.Code != CauseCode.RuleUnknown && result.Packet is { } packet
            && WithoutPort(cluster.Services[key], packet) is { } ports)
            return As(Verdict.Unreachable, CauseCode.ServicePort, $"service {key} {ports}", "name a port that the service has");
        if (result.Verdict == Verdict.Unreachable && !Ready(cluster, key).Any())
            return As(result.Verdict, CauseCode.NoEndpoints, $"service {key} has no ready endpoints; {cause.Message}",
                "see why no pod of the service is ready: kubectl get endpointslices, and the pods' probes");
        var translated = result.Forward.Branches.Any(b => b.Hops.Any(h => h.Component is "nat" or "ipvs"
            && h.Action.Contains("translates", StringComparison.Ordinal)));
        return !translated && GoesAstray.Contains(cause.Code)
            ? As(Verdict.Unreachable, CauseCode.ServiceUnprogrammed,
                $"no rule translates the address of service {key}; {cause.Message}",
                "see whether the service proxy of the sender's node runs")
            : result;

        TraceResult As(Verdict verdict, CauseCode code, string message, string fix) =>
            result with { Verdict = verdict, Cause = cause with { Code = code, Message = message, Fix = fix } };
    }

    // Null when the service has it.
    private static string? WithoutPort(Service service, Packet packet)
    {
        var has = (service.Spec.Ports ?? []).Select(p => (Protocol: (p.Protocol ?? "TCP").ToLowerInvariant(), p.Port)).ToArray();
        if (has.Contains((packet.Protocol.Word, packet.DestinationPort))) return null;
        var list = $"it has {string.Join(", ", has.Select(p => $"{p.Protocol} {p.Port}"))}";
        return packet.Protocol.HasPorts
            ? $"has no {packet.Protocol.Word} port {packet.DestinationPort}: {list}"
            : $"answers on its ports alone: {list}";
    }

    /// <summary>The addresses of ready endpoints, of one service or of all.</summary>
    public static IEnumerable<string> Ready(ClusterSnapshot cluster, string? key = null) => cluster.EndpointSlices.Values
        .Where(s => key is null || (s.Metadata.Labels?.TryGetValue(EndpointSlice.ServiceNameLabel, out var name) == true
            && $"{s.Metadata.Namespace}/{name}" == key))
        .SelectMany(s => s.Endpoints ?? []).Where(e => e.Conditions?.Ready != false).SelectMany(e => e.Addresses ?? []);

    private static string? Key(ClusterSnapshot cluster, TraceTarget target, string defaultNamespace)
    {
        if (target.Name is not { } name) return null;
        foreach (var suffix in Suffixes)
            if (name.EndsWith(suffix, StringComparison.Ordinal)) name = name[..^suffix.Length];
        var dot = name.LastIndexOf('.');
        string[] keys = target.Namespace is { } space ? [$"{space}/{name}"]
            : dot > 0 ? [$"{name[(dot + 1)..]}/{name[..dot]}", $"{defaultNamespace}/{name}"]
            : [$"{defaultNamespace}/{name}"];
        return Array.Find(keys, cluster.Services.ContainsKey);
    }
}
