using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Validation of a Service's ports.</summary>
internal static class ServicePorts
{
    public static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public static IEnumerable<FieldError> Check(JsonObject spec)
    {
        var ports = spec.Items("ports").ToList();
        if (ports.Count == 0 && !ServiceShape.IsExternalName(spec) && !ServiceShape.IsHeadless(spec))
            yield return FieldError.Required("spec.ports");
        HashSet<string> names = [];
        HashSet<(string?, long?)> numbers = [];
        HashSet<(string?, long)> nodePorts = [];
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, path) = (ports[i], $"spec.ports[{i}]");
            if (PodValidation.Port(port, "port", path) is { } fault) yield return fault;
            foreach (var error in Name(port, path, ports.Count > 1, names)) yield return error;
            if (!Protocols.Contains(port.Text("protocol")))
                yield return FieldError.NotSupported(path + ".protocol", port.At("protocol"), Protocols);
            if (Target(port.At("targetPort"), path + ".targetPort") is { } target) yield return target;
            if (!numbers.Add((port.Text("protocol"), port.Number("port"))))
                yield return FieldError.Duplicate(path, new JsonObject
                {
                    ["protocol"] = port.Text("protocol"), ["port"] = port.Number("port"),
                });
            if (port.Number("nodePort") is not { } node) continue;
            if (!ServiceShape.MayHaveNodePorts(spec))
                yield return FieldError.Forbidden(path + ".nodePort",
                    $"may not be used when `type` is '{spec.Text("type")}'");
            else if (!nodePorts.Add((port.Text("protocol"), node)))
                yield return FieldError.Duplicate(path + ".nodePort", node);
        }
    }

    /// <summary>An IANA service name (RFC 6335): what a named port is called. Null when good.</summary>
    public static string? NameFault(string name)
    {
        if (name.Length is 0 or > 15) return "must be no more than 15 characters";
        if (!name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        if (!name.Any(char.IsAsciiLetterLower)) return "must contain at least one letter (a-z)";
        if (name.Contains("--", StringComparison.Ordinal)) return "must not contain consecutive hyphens";
        return name[0] == '-' || name[^1] == '-' ? "must not begin or end with a hyphen" : null;
    }

    private static IEnumerable<FieldError> Name(JsonNode? port, string path, bool required,
        HashSet<string> names)
    {
        var name = port.Text("name") ?? "";
        if (name.Length == 0)
        {
            if (required) yield return FieldError.Required(path + ".name");
            yield break;
        }
        if (LabelSyntax.Label(name) is { } fault)
            yield return FieldError.Invalid(path + ".name", name, fault);
        else if (!names.Add(name)) yield return FieldError.Duplicate(path + ".name", name);
    }

    private static FieldError? Target(JsonNode? target, string path)
    {
        if (target is null) return null;
        if (target.Text() is { } name)
            return NameFault(name) is { } fault ? FieldError.Invalid(path, name, fault) : null;
        return target.Number() is >= 1 and <= 65535 ? null
            : FieldError.Invalid(path, target, "must be between 1 and 65535, inclusive");
    }
}
