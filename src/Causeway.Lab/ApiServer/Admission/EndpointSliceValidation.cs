using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Of EndpointSlices.</summary>
internal static class EndpointSliceValidation
{
    private const int MaxEndpoints = 1000;
    private const int MaxPorts = 100;
    private const int MaxAddresses = 100;

    private static readonly string[] AddressTypes = ["FQDN", "IPv4", "IPv6"];

    public static IEnumerable<FieldError> Check(JsonObject value, JsonObject? old)
    {
        var type = value.Text("addressType") ?? "";
        if (type.Length == 0) yield return FieldError.Required("addressType");
        else if (!AddressTypes.Contains(type))
            yield return FieldError.NotSupported("addressType", type, AddressTypes);
        if (old is not null && old.Text("addressType") != type)
            yield return FieldError.Invalid("addressType", type, "field is immutable");
        var endpoints = value.Items("endpoints").ToList();
        if (endpoints.Count > MaxEndpoints)
            yield return FieldError.TooMany("endpoints", endpoints.Count, MaxEndpoints);
        for (var i = 0; i < Math.Min(endpoints.Count, MaxEndpoints); i++)
            foreach (var error in Endpoint(endpoints[i], type, $"endpoints[{i}]")) yield return error;
        foreach (var error in Ports(value)) yield return error;
    }

    private static IEnumerable<FieldError> Endpoint(JsonNode? endpoint, string type, string path)
    {
        var addresses = endpoint.Texts("addresses").ToList();
        if (addresses.Count == 0)
            yield return FieldError.Required(path + ".addresses", "must contain at least 1 address");
        if (addresses.Count > MaxAddresses)
            yield return FieldError.TooMany(path + ".addresses", addresses.Count, MaxAddresses);
        for (var i = 0; i < Math.Min(addresses.Count, MaxAddresses); i++)
            if (Address(addresses[i], type, $"{path}.addresses[{i}]") is { } fault) yield return fault;
        if (endpoint.Text("nodeName") is { } node && LabelSyntax.Subdomain(node) is { } nodeFault)
            yield return FieldError.Invalid(path + ".nodeName", node, nodeFault);
        if (endpoint.Text("hostname") is { } host && LabelSyntax.Label(host) is { } hostFault)
            yield return FieldError.Invalid(path + ".hostname", host, hostFault);
        foreach (var (zone, i) in endpoint.Items("hints", "forZones").Select((z, i) => (z, i)))
            if (zone.Text("name") is null or "")
                yield return FieldError.Required($"{path}.hints.forZones[{i}].name");
    }

    private static FieldError? Address(string text, string type, string path)
    {
        if (type == "FQDN")
            return LabelSyntax.Subdomain(text) is { } fault ? FieldError.Invalid(path, text, fault) : null;
        if (type is not ("IPv4" or "IPv6")) return null;
        if (AddressValidation.Unicast(text, text, path) is { } special) return special;
        var family = type == "IPv4" ? IpFamily.V4 : IpFamily.V6;
        return IpAddress.Parse(text).Family == family ? null
            : FieldError.Invalid(path, text, $"must be an {type} address");
    }

    private static IEnumerable<FieldError> Ports(JsonObject value)
    {
        var ports = value.Items("ports").ToList();
        if (ports.Count > MaxPorts) yield return FieldError.TooMany("ports", ports.Count, MaxPorts);
        HashSet<string> names = [];
        for (var i = 0; i < Math.Min(ports.Count, MaxPorts); i++)
        {
            var (port, path) = (ports[i], $"ports[{i}]");
            var name = port.Text("name") ?? "";
            if (name.Length > 0 && LabelSyntax.Label(name) is { } fault)
                yield return FieldError.Invalid(path + ".name", name, fault);
            if (!names.Add(name)) yield return FieldError.Duplicate(path + ".name", name);
            if (!ServicePorts.Protocols.Contains(port.Text("protocol")))
                yield return FieldError.NotSupported(path + ".protocol", port.At("protocol"),
                    ServicePorts.Protocols);
            if (port.At("port") is { } number && port.Number("port") is not (>= 1 and <= 65535))
                yield return FieldError.Invalid(path + ".port", number,
                    "must be between 1 and 65535, inclusive");
        }
    }
}
