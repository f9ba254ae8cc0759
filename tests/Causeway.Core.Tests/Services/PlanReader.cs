using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Services;

namespace Causeway.Core.Tests.Services;

/// <summary>What a plan says of one connection, for comparison with the oracle.</summary>
internal static class PlanReader
{
    public static OracleAnswer Ask(ServicesPlan plan, IpAddress node, OracleQuestion q)
    {
        foreach (var p in plan.Ports.Values.Where(p => p.Family == q.Destination.Family && p.Protocol == q.Protocol))
        {
            if (p.Port == q.Port && p.ClusterIp == q.Destination) return Internal(plan, p, q);
            if (p.Port == q.Port && p.LoadBalancerVips.Contains(q.Destination))
                return Guarded(p, q) ? OracleAnswer.Of(OracleVerdict.Drop) : External(plan, p, q);
            if (p.Port == q.Port && p.ExternalIps.Contains(q.Destination)) return External(plan, p, q);
        }
        foreach (var p in plan.Ports.Values)
        {
            if (p.Family == q.Destination.Family && p.Protocol == q.Protocol && q.Destination == node
                && p.NodePort == q.Port && q.Port != 0)
                return External(plan, p, q);
        }
        return OracleAnswer.Of(OracleVerdict.NotAService);
    }

    private static bool Guarded(ServicePortPlan p, OracleQuestion q) => !p.SourceRanges.IsEmpty
        && !p.SourceRanges.Any(r => r.Contains(q.Source))
        && !(p.AllowsFromVips && p.LoadBalancerVips.Contains(q.Source));

    private static OracleAnswer Internal(ServicesPlan plan, ServicePortPlan p, OracleQuestion q) => Answer(
        p.InternalRefusal, p.InternalEndpoints, q,
        !plan.Scope.ClusterCidrs.IsEmpty && !plan.Scope.ClusterCidrs.Any(c => c.Contains(q.Source)));

    private static OracleAnswer External(ServicesPlan plan, ServicePortPlan p, OracleQuestion q)
    {
        var inside = plan.Scope.ClusterCidrs.Any(c => c.Contains(q.Source));
        if (p.ShortCircuits && (inside || q.Kind == OracleSource.Node))
            return Answer(p.HasEndpoints ? NoEndpoint.None : NoEndpoint.Reject, p.ClusterEndpoints, q, !inside);
        return Answer(p.ExternalRefusal, p.ExternalEndpoints, q, !p.ExternalLocal);
    }

    private static OracleAnswer Answer(
        NoEndpoint refusal, IEnumerable<ServiceEndpoint> endpoints, OracleQuestion q, bool masquerade)
    {
        if (refusal == NoEndpoint.Reject) return OracleAnswer.Of(OracleVerdict.Reject);
        if (refusal == NoEndpoint.Drop) return OracleAnswer.Of(OracleVerdict.Drop);
        SortedDictionary<string, bool> chosen = new(StringComparer.Ordinal);
        foreach (var e in endpoints)
            chosen[string.Create(CultureInfo.InvariantCulture, $"{e.Address} {e.Port}")] =
                masquerade || e.Address == q.Source;
        return new(OracleVerdict.Endpoints, chosen);
    }
}
