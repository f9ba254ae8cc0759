using System.Collections.Frozen;
using System.Text;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Selection;

/// <summary>A field selector: terms <c>path=value</c>, <c>path==value</c>, <c>path!=value</c>, all of which
/// hold.</summary>
public sealed class FieldSelector
{
    private static readonly string[] Always = ["metadata.name", "metadata.namespace"];

    private static readonly FrozenDictionary<string, string[]> ByResource = new Dictionary<string, string[]>
    {
        ["pods"] =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
            "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName",
        ],
        ["nodes"] = ["spec.unschedulable"],
        ["namespaces"] = ["status.phase"],
        ["secrets"] = ["type"],
        ["services"] = ["spec.clusterIP", "spec.type"],
        ["apps/replicasets"] = ["status.replicas"],
        ["events"] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
            "reason", "reportingComponent", "source", "type",
        ],
    }.ToFrozenDictionary();

    private readonly IReadOnlyList<(string Path, bool Equal, string Value)> _terms;

    private FieldSelector(IReadOnlyList<(string, bool, string)> terms) => _terms = terms;

    /// <summary>Every path that some resource can be selected by.</summary>
    internal static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Paths { get; } =
        ByResource.Values.SelectMany(p => p).Concat(Always).Append("source.component")
            .ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    internal static FrozenSet<string> Parents { get; } =
        new[] { "metadata", "spec", "status", "involvedObject",
            "source" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The one name that the selector fixes, if it does: such a list or watch is of one
    /// object.</summary>
    public string? Name => _terms.FirstOrDefault(t => t is { Path: "metadata.name", Equal: true }).Value;

    /// <param name="resource">As in <see cref="ObjectKey.Resource"/>.</param>
    /// <param name="fault">What is wrong, when null is returned.</param>
    public static FieldSelector? Parse(string text, string resource, out string fault)
    {
        List<(string, bool, string)> terms = [];
        fault = "";
        foreach (var part in Split(text))
        {
            if (part.Length == 0) continue;
            var at = part.IndexOf('=');
            if (at <= 0)
            {
                fault = $"invalid selector: '{part}'; can't understand it: give path=value or path!=value";
                return null;
            }
            var equal = part[at - 1] != '!';
            var path = part[..(equal ? at : at - 1)];
            var value = part[(part.AsSpan(at).StartsWith("==") ? at + 2 : at + 1)..];
            if (!Always.Contains(path) && !(ByResource.GetValueOrDefault(resource)?.Contains(path) ?? false))
            {
                fault = $"field label not supported: {path}";
                return null;
            }
            terms.Add((path == "source" ? "source.component" : path, equal, Unescape(value)));
        }
        return new(terms);
    }

    public bool Matches(StoredObject value)
    {
        foreach (var (path, equal, wanted) in _terms)
        {
            var actual = path switch
            {
                "metadata.name" => value.Key.Name,
                "metadata.namespace" => value.Key.Namespace,
                _ => value.Fields.GetValueOrDefault(path) ?? Absent(path),
            };
            if ((actual == wanted) != equal) return false;
        }
        return true;
    }

    internal static string? PathOf(string parent, string child)
    {
        Span<char> path = stackalloc char[parent.Length + 1 + child.Length > 64 ? 0
            : parent.Length + 1 + child.Length];
        if (path.IsEmpty) return null;
        parent.CopyTo(path);
        path[parent.Length] = '.';
        child.CopyTo(path[(parent.Length + 1)..]);
        return Paths.TryGetValue(path, out var known) ? known : null;
    }

    private static string Absent(string path) =>
        path is "spec.unschedulable" or "spec.hostNetwork" ? "false" : path == "status.replicas" ? "0" : "";

    /// <summary>At commas that no backslash stands before.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }
        yield return text[start..];
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\')) return value;
        var result = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
            result.Append(value[i] == '\\' && i + 1 < value.Length ? value[++i] : value[i]);
        return result.ToString();
    }
}
