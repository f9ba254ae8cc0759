using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>A service as the target of a trace.</summary>
internal static class ServiceSubject
{
    private static readonly string[] Suffixes = [".svc.cluster.local", ".svc"];

    /// <summary><c>web</c>, <c>web.shop</c>, <c>shop/web</c>, <c>web.shop.svc.cluster.local</c>; null for no service.
    /// Throws <see cref="InputException"/> for one without an address of its own.</summary>
    public static TraceSubject? Find(ClusterSnapshot cluster, TraceTarget target, string defaultNamespace)
    {
        if (Key(cluster, target, defaultNamespace) is not { } key) return null;
        var service = cluster.Services[key];
        var addresses = (service.Spec.ClusterIPs ?? [service.Spec.ClusterIP ?? ""])
            .Where(a => IpAddress.TryParse(a, out _)).Select(a => IpAddress.Parse(a)).ToList();
        if (addresses.Count == 0)
            throw new InputException(service.Spec.ExternalName is { Length: > 0 } name
                ? $"service {key} is another name of {name}: name that as the target"
                : $"service {key} has no cluster IP (it is headless): name one of its pods");
        return new(null, addresses, $"service {key}") { Service = key };
    }

    /// <summary>What a result means for a service: nothing stands behind it, or no rule translates its address.</summary>
    public static TraceResult Judge(ClusterSnapshot cluster, string key, TraceResult result)
    {
        if (result.Cause is not { } cause) return result;
        if (result.Verdict == Verdict.Unreachable && !Ready(cluster, key).Any())
            return result with
            {
                Cause = cause with
                {
                    Code = CauseCode.NoEndpoints, Message = $"service {key} has no ready endpoints; {cause.Message}",
                    Fix = "see why no pod of the service is ready: kubectl get endpointslices, and the pods' probes",
                },
            };
        return cause.Code == CauseCode.LeavesCluster && result.Forward.Branches.All(b => !b.Hops.Any(h => h.Component is "nat" or "ipvs"))
            ? result with
            {
                Verdict = Verdict.Unreachable,
                Cause = cause with
                {
                    Code = CauseCode.ServiceUnprogrammed,
                    Message = $"no rule translates the address of service {key}; {cause.Message}",
                    Fix = "see whether the service proxy of the sender's node runs",
                },
            }
            : result;
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
