using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Of Services: what each type may and must have. Whether addresses and ports are free is another's
/// question.</summary>
internal static class ServiceValidation
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Affinities = ["ClientIP", "None"];
    private static readonly string[] Policies = ["Cluster", "Local"];
    private static readonly string[] FamilyPolicies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    private static readonly string[] Distributions = ["PreferClose", "PreferSameNode", "PreferSameZone"];

    private const string OnlyLoadBalancers = "may only be used when `type` is 'LoadBalancer'";
    private const int LongestAffinity = 86400;

    /// <param name="old">The object before; null on creation.</param>
    public static IEnumerable<FieldError> Check(JsonObject value, JsonObject? old)
    {
        if (value["spec"] is not JsonObject spec) return [FieldError.Required("spec")];
        return [
            .. ServicePorts.Check(spec), .. Kind(spec), .. Addresses(spec), .. Affinity(spec),
            .. Traffic(spec), .. Balancing(spec), .. Selector(spec), .. Immutable(spec, old?["spec"] as JsonObject)];
    }

    private static IEnumerable<FieldError> Kind(JsonObject spec)
    {
        if (Choice(spec, "type", Types) is { } kind) yield return kind;
        if (ServiceShape.IsExternalName(spec))
        {
            if (spec.Items("clusterIPs").Any())
                yield return FieldError.Forbidden("spec.clusterIPs",
                    "may not be set when `type` is 'ExternalName'");
            if (spec.Items("ipFamilies").Any())
                yield return FieldError.Forbidden("spec.ipFamilies",
                    "may not be set when `type` is 'ExternalName'");
            var name = spec.Text("externalName") ?? "";
            if (name.Length == 0) yield return FieldError.Required("spec.externalName");
            else if (LabelSyntax.Subdomain(name.TrimEnd('.').ToLowerInvariant()) is { } fault)
                yield return FieldError.Invalid("spec.externalName", name, fault);
            yield break;
        }
        var outside = spec.Text("type") is "NodePort" or "LoadBalancer";
        if (outside && ServiceShape.IsHeadless(spec))
            yield return FieldError.Invalid("spec.clusterIPs[0]", ServiceShape.Headless,
                $"may not be set to 'None' for {spec.Text("type")} services");
    }

    private static IEnumerable<FieldError> Addresses(JsonObject spec)
    {
        var addresses = spec.Texts("clusterIPs").ToList();
        if (addresses.Count > 2)
            yield return FieldError.Invalid("spec.clusterIPs", spec["clusterIPs"],
                "may only hold up to 2 values");
        if (spec.Text("clusterIP") is { } single && addresses.Count > 0 && addresses[0] != single)
            yield return FieldError.Invalid("spec.clusterIPs", spec["clusterIPs"],
                "first value must match `clusterIP`");
        for (var i = 0; i < addresses.Count; i++)
        {
            var path = $"spec.clusterIPs[{i}]";
            if (addresses[i] == ServiceShape.Headless)
            {
                if (i > 0) yield return FieldError.Invalid(path, addresses[i], "may only be the first value");
            }
            else if (AddressValidation.Address(addresses[i], addresses[i], path) is { } fault)
                yield return fault;
            if (addresses.IndexOf(addresses[i]) < i) yield return FieldError.Duplicate(path, addresses[i]);
        }
        if (addresses.Count == 2 && IpAddress.TryParse(addresses[0], out var first)
            && IpAddress.TryParse(addresses[1], out var second) && first.Family == second.Family)
            yield return FieldError.Invalid("spec.clusterIPs", spec["clusterIPs"],
                "may specify no more than one IP for each IP family");
        if (spec["ipFamilyPolicy"] is not null
            && Choice(spec, "ipFamilyPolicy", FamilyPolicies) is { } policy) yield return policy;
        HashSet<string> families = [];
        foreach (var (family, i) in spec.Texts("ipFamilies").Select((f, i) => (f, i)))
        {
            if (family is not ("IPv4" or "IPv6"))
                yield return FieldError.NotSupported($"spec.ipFamilies[{i}]", family, ["IPv4", "IPv6"]);
            else if (!families.Add(family))
                yield return FieldError.Duplicate($"spec.ipFamilies[{i}]", family);
        }
        foreach (var (text, i) in spec.Texts("externalIPs").Select((t, i) => (t, i)))
            if (AddressValidation.Unicast(text, text, $"spec.externalIPs[{i}]") is { } fault)
                yield return fault;
    }

    private static IEnumerable<FieldError> Affinity(JsonObject spec)
    {
        if (Choice(spec, "sessionAffinity", Affinities) is { } fault) yield return fault;
        const string path = "spec.sessionAffinityConfig";
        if (spec.Text("sessionAffinity") == "None" && spec["sessionAffinityConfig"] is { } config)
            yield return FieldError.Forbidden(path,
                "must not be set when session affinity is None");
        if (spec.Text("sessionAffinity") == "ClientIP"
            && spec.Number("sessionAffinityConfig", "clientIP", "timeoutSeconds") is not
                (>= 1 and <= LongestAffinity))
            yield return FieldError.Invalid(path + ".clientIP.timeoutSeconds",
                spec.At("sessionAffinityConfig", "clientIP", "timeoutSeconds"),
                $"must be greater than 0 and less than {LongestAffinity}");
    }

    private static IEnumerable<FieldError> Traffic(JsonObject spec)
    {
        if (spec["internalTrafficPolicy"] is not null
            && Choice(spec, "internalTrafficPolicy", Policies) is { } inside) yield return inside;
        if (spec["externalTrafficPolicy"] is { } external)
        {
            if (!ServiceShape.IsExternal(spec))
                yield return FieldError.Invalid("spec.externalTrafficPolicy", external,
                    "may only be set for externally-accessible services");
            else if (Choice(spec, "externalTrafficPolicy", Policies) is { } fault) yield return fault;
        }
        if (spec["healthCheckNodePort"] is { } health)
        {
            if (!ServiceShape.HasHealthPort(spec))
                yield return FieldError.Invalid("spec.healthCheckNodePort", health,
                    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
        if (spec["trafficDistribution"] is not null
            && Choice(spec, "trafficDistribution", Distributions) is { } distribution)
                yield return distribution;
    }

    private static IEnumerable<FieldError> Balancing(JsonObject spec)
    {
        var balanced = ServiceShape.IsLoadBalancer(spec);
        if (spec.Items("loadBalancerSourceRanges").Any() && !balanced)
            yield return FieldError.Forbidden("spec.loadBalancerSourceRanges", OnlyLoadBalancers);
        foreach (var (text, i) in spec.Texts("loadBalancerSourceRanges").Select((t, i) => (t, i)))
            if (AddressValidation.Range(text, text, $"spec.loadBalancerSourceRanges[{i}]") is { } fault)
                yield return fault;
        foreach (var field in (string[])["loadBalancerClass", "allocateLoadBalancerNodePorts"])
            if (spec[field] is not null && !balanced)
                yield return FieldError.Forbidden($"spec.{field}", OnlyLoadBalancers);
        if (spec.Text("loadBalancerClass") is { } name && LabelSyntax.KeyFault(name) is { } keyFault)
            yield return FieldError.Invalid("spec.loadBalancerClass", name, keyFault);
    }

    private static IEnumerable<FieldError> Selector(JsonObject spec)
    {
        foreach (var (key, value) in spec.Object("selector") ?? [])
        {
            if (LabelSyntax.KeyFault(key) is { } fault)
                yield return FieldError.Invalid("spec.selector", key, fault);
            if (LabelSyntax.ValueFault(value.Text() ?? "") is { } valueFault)
                yield return FieldError.Invalid("spec.selector", value, valueFault);
        }
    }

    private static IEnumerable<FieldError> Immutable(JsonObject spec, JsonObject? before)
    {
        if (before is null) yield break;
        if (ServiceShape.HasClusterIP(before) && ServiceShape.HasClusterIP(spec))
        {
            var was = before.Texts("clusterIPs").ToList();
            var now = spec.Texts("clusterIPs").ToList();
            for (var i = 0; i < was.Count && i < now.Count; i++)
                if (was[i] != now[i])
                    yield return FieldError.Invalid($"spec.clusterIPs[{i}]", spec["clusterIPs"],
                        "may not change once set");
            if (was.Count > now.Count && spec.Text("ipFamilyPolicy") != "SingleStack")
                yield return FieldError.Invalid("spec.clusterIPs", spec["clusterIPs"],
                    "may not be removed while `ipFamilyPolicy` is a dual-stack one");
            if (before.Texts("ipFamilies").FirstOrDefault() is { } family
                && spec.Texts("ipFamilies").FirstOrDefault() is { } next && next != family)
                yield return FieldError.Invalid("spec.ipFamilies[0]", next, "may not change once set");
        }
        if (ServiceShape.HasHealthPort(before) && ServiceShape.HasHealthPort(spec)
            && before.Number("healthCheckNodePort") != spec.Number("healthCheckNodePort"))
            yield return FieldError.Invalid("spec.healthCheckNodePort", spec["healthCheckNodePort"],
                "field is immutable");
        if (ServiceShape.IsLoadBalancer(before) && ServiceShape.IsLoadBalancer(spec)
            && before.Text("loadBalancerClass") != spec.Text("loadBalancerClass"))
            yield return FieldError.Invalid("spec.loadBalancerClass", spec["loadBalancerClass"],
                "may not change once set");
    }

    private static FieldError? Choice(JsonObject spec, string field, string[] supported) =>
        supported.Contains(spec.Text(field)) ? null
            : FieldError.NotSupported($"spec.{field}", spec[field], supported);
}
