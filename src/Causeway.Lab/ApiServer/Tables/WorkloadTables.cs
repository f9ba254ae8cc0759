using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>Deployments, ReplicaSets, DaemonSets and StatefulSets.</summary>
internal static class WorkloadTables
{
    private static readonly Column[] Template =
        [Column.Wide("Containers"), Column.Wide("Images"), Column.Wide("Selector")];

    public static readonly TableDefinition Deployments = new(
        [Column.NameColumn, new("Ready"), Count("Up-to-date"), Count("Available"), Column.Age, .. Template],
        (d, now) =>
        [
            d.Text("metadata", "name"), $"{Status(d, "readyReplicas")}/{Wanted(d)}", Status(d,
                "updatedReplicas"),
            Status(d, "availableReplicas"), HumanDuration.Age(d, now), .. TemplateCells(d),
        ]);

    public static readonly TableDefinition ReplicaSets = new(
        [Column.NameColumn, Count("Desired"), Count("Current"), Count("Ready"), Column.Age, .. Template],
        (r, now) =>
        [
            r.Text("metadata", "name"), Wanted(r), Status(r, "replicas"), Status(r, "readyReplicas"),
            HumanDuration.Age(r, now), .. TemplateCells(r),
        ]);

    public static readonly TableDefinition DaemonSets = new(
        [
            Column.NameColumn, Count("Desired"), Count("Current"), Count("Ready"), Count("Up-to-date"),
            Count("Available"), new("Node Selector"), Column.Age, .. Template,
        ],
        (d, now) =>
        [
            d.Text("metadata", "name"), Status(d, "desiredNumberScheduled"), Status(d,
                "currentNumberScheduled"),
            Status(d, "numberReady"), Status(d, "updatedNumberScheduled"), Status(d, "numberAvailable"),
            Labels(d.At("spec", "template", "spec", "nodeSelector")), HumanDuration.Age(d, now),
                .. TemplateCells(d),
        ]);

    public static readonly TableDefinition StatefulSets = new(
        [Column.NameColumn, new("Ready"), Column.Age, Column.Wide("Containers"), Column.Wide("Images")],
        (s, now) =>
        [
            s.Text("metadata", "name"), $"{Status(s, "readyReplicas")}/{Wanted(s)}", HumanDuration.Age(s,
                now),
            .. TemplateCells(s).Take(2),
        ]);

    /// <summary><c>a=b,c=d</c>, or <c>&lt;none&gt;</c>.</summary>
    public static string Labels(JsonNode? labels) => labels is JsonObject { Count: > 0 } map
        ? string.Join(',', map.OrderBy(l => l.Key,
            StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")) : "<none>";

    private static Column Count(string name) => new(name, "integer");

    private static long Wanted(JsonObject value) => value.Number("spec", "replicas") ?? 0;

    private static long Status(JsonObject value, string field) => value.Number("status", field) ?? 0;

    private static IEnumerable<JsonNode?> TemplateCells(JsonObject value)
    {
        var containers = value.Items("spec", "template", "spec", "containers").ToList();
        return
        [
            string.Join(',', containers.Select(c => c.Text("name"))),
            string.Join(',', containers.Select(c => c.Text("image"))),
            SelectorObject.ToText(value.At("spec", "selector")),
        ];
    }
}
