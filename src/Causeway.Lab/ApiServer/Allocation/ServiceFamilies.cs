using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Admission;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.ApiServer.Allocation;

/// <summary>Which IP families a Service has: <c>ipFamilyPolicy</c> and <c>ipFamilies</c> from what was asked
/// and what the cluster has.</summary>
internal static class ServiceFamilies
{
    private const string Single = "SingleStack";
    private const string Prefer = "PreferDualStack";
    private const string Require = "RequireDualStack";

    public static string NameOf(IpFamily family) => family == IpFamily.V4 ? "IPv4" : "IPv6";

    public static IpFamily FamilyOf(string name) => name == "IPv4" ? IpFamily.V4 : IpFamily.V6;

    /// <summary>Fills the fields in; gives what is wrong with what was asked.</summary>
    /// <param name="configured">The cluster's families, its own first.</param>
    public static List<FieldError> Fill(JsonObject spec, IReadOnlyList<IpFamily> configured)
    {
        if (!ServiceShape.HasClusterIP(spec)) return [];
        var families = spec.Texts("ipFamilies").ToList();
        var addresses = spec.Texts("clusterIPs").Where(a => a != ServiceShape.Headless).ToList();
        foreach (var (address, i) in addresses.Select((a, i) => (a, i)))
        {
            var family = NameOf(IpAddress.Parse(address).Family);
            if (i >= families.Count) families.Add(family);
            else if (families[i] != family)
                return [FieldError.Invalid($"spec.clusterIPs[{i}]", address,
                    $"expected an {families[i]} value as indicated by `ipFamilies[{i}]`")];
        }
        // Without a selector the endpoints are somebody's own, of families that the cluster need not have.
        var free = ServiceShape.IsHeadless(spec) && spec.Object("selector") is not { Count: > 0 };
        spec.Default("ipFamilyPolicy", free ? Require : Single);
        var policy = spec.Text("ipFamilyPolicy")!;
        if (families.Count > 1 && policy == Single)
            return [FieldError.Invalid("spec.ipFamilyPolicy", policy,
                "must be RequireDualStack or PreferDualStack when multiple IP families are specified")];
        if (!free)
        {
            if (policy == Require && configured.Count < 2)
                return [FieldError.Invalid("spec.ipFamilyPolicy", policy,
                    "this cluster is not configured for dual-stack services")];
            for (var i = 0; i < families.Count; i++)
                if (!configured.Contains(FamilyOf(families[i])))
                    return [FieldError.Invalid($"spec.ipFamilies[{i}]", families[i],
                        "not configured on this cluster")];
        }
        if (families.Count == 0) families.Add(NameOf(configured[0]));
        if (policy != Single && families.Count == 1 && (free || configured.Count > 1))
            families.Add(families[0] == "IPv4" ? "IPv6" : "IPv4");
        spec["ipFamilies"] = new JsonArray([.. families.Select(f => (JsonNode)f)]);
        return [];
    }
}
