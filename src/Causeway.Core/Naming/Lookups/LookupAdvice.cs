using Causeway.Core.Cluster;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Lookups;

/// <summary>What people should know about a lookup.</summary>
public static class LookupAdvice
{
    /// <summary>Why a name is asked for so often, and how it is asked for once; null where it is not.</summary>
    public static string? OfSearching(Lookup lookup)
    {
        var asTyped = lookup.Candidates.ToList().FindIndex(c => c.Candidate.Suffix is null);
        // A name that a search domain completes is what the search path is for.
        if (asTyped < 1 || !lookup.Hosts.IsEmpty || lookup.Candidates[asTyped].Turn == CandidateTurn.NotAsked) return null;
        var dots = lookup.Name.Count(c => c == '.');
        if (dots == 0) return null;
        var conf = lookup.Conf;
        var line = conf.LineOf("ndots") is > 0 and var at ? $"line {at}" : "the default";
        var each = lookup.Candidates[0].Questions.Length;
        return $"ndots:{conf.Ndots} ({line} of resolv.conf): a name with fewer than {conf.Ndots} dots is first completed with each "
            + $"search domain, so {lookup.Name} is asked for as {asTyped + 1} names, {(asTyped + 1) * each} questions "
            + $"({string.Join(" and ", lookup.Candidates[0].Questions.Select(q => q.Type.Word()))} each), the last of "
            + $"them as it stands: write {lookup.Name}. with a dot at its end, or give the pod "
            + $"dnsConfig.options ndots: \"{dots}\" (then it is asked first)";
    }

    /// <summary>Why a name of the cluster does not exist, and what may have been meant.</summary>
    public static (string Message, string Fix) OfAbsence(Lookup lookup, ClusterSnapshot cluster)
    {
        var first = lookup.Candidates.FirstOrDefault();
        var why = first is null ? "it is no name that can be asked for" : first.Questions[0].Answer.Why;
        if (first is null) return (why, "labels have 1 to 63 letters, a name at most 253");
        if (Meant(lookup, cluster) is not var (ns, service))
            return (why, "name a service as SERVICE or SERVICE.NAMESPACE");
        var message = cluster.Namespaces.ContainsKey(ns)
            ? $"namespace {ns} has no service {service}"
            : $"there is no namespace {ns}";
        if (cluster.Services.ContainsKey($"{ns}/{service}"))
            return (why, $"see the service: kubectl -n {ns} describe service {service}");
        var nearSpace = cluster.Namespaces.ContainsKey(ns) ? null : NearWords.Nearest(ns, WithService(cluster, service));
        if (nearSpace is not null) return (message, Meaning(lookup, ns, nearSpace));
        if (WithService(cluster, service) is [var only, ..]) return (message, $"did you mean {service}.{only}?");
        var near = NearWords.Nearest(service, In(cluster, ns).Select(s => s.Metadata.Name));
        if (near is not null) return (message, Meaning(lookup, service, near));
        var there = In(cluster, ns).Select(s => s.Metadata.Name).Take(10).ToList();
        return (message, there.Count == 0 ? $"there are no services in {ns}" : $"{ns} has the services {string.Join(", ", there)}");
    }

    /// <summary>Whether the name can be one of a service of a namespace that is there.</summary>
    public static bool IsOfCluster(Lookup lookup, ClusterSnapshot cluster) =>
        Meant(lookup, cluster) is var (ns, _) && cluster.Namespaces.ContainsKey(ns);

    private static string Meaning(Lookup lookup, string wrong, string right) =>
        $"did you mean {lookup.Name.Replace(wrong, right, StringComparison.Ordinal)}?";

    private static IEnumerable<Service> In(ClusterSnapshot cluster, string ns) =>
        cluster.Services.Values.Where(s => s.Metadata.Namespace == ns);

    private static List<string> WithService(ClusterSnapshot cluster, string service) =>
        [.. cluster.Services.Values.Where(s => s.Metadata.Name == service).Select(s => s.Metadata.Namespace ?? "")];

    // By shape: the candidate that is SERVICE.NAMESPACE.svc.DOMAIN, of several the one whose namespace is there.
    private static (string Namespace, string Service)? Meant(Lookup lookup, ClusterSnapshot cluster)
    {
        var shaped = lookup.Candidates.Select(c => c.Candidate.Name.Split('.'))
            .Where(l => l.Length > 3 && l[2] == "svc").Select(l => (Namespace: l[1], Service: l[0])).ToList();
        if (shaped.Count == 0) return null;
        var known = shaped.Find(s => cluster.Namespaces.ContainsKey(s.Namespace));
        return known.Service is null ? shaped[0] : known;
    }
}
