using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>Nodes, namespaces, services, events and the smaller kinds.</summary>
internal static class ClusterTables
{
    private const string None = "<none>";
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static readonly TableDefinition Nodes = new(
        [
            Column.NameColumn, new("Status"), new("Roles"), Column.Age, new("Version"),
                Column.Wide("Internal-IP"),
            Column.Wide("External-IP"), Column.Wide("OS-Image"), Column.Wide("Kernel-Version"),
            Column.Wide("Container-Runtime"),
        ],
        (n, now) =>
        [
            Name(n), NodeStatus(n), Roles(n), HumanDuration.Age(n, now), Info(n, "kubeletVersion") ?? "",
            Address(n, "InternalIP"), Address(n, "ExternalIP"), Info(n, "osImage") ?? "<unknown>",
            Info(n, "kernelVersion") ?? "<unknown>", Info(n, "containerRuntimeVersion") ?? "<unknown>",
        ]);

    public static readonly TableDefinition Namespaces = new(
        [Column.NameColumn, new("Status"), Column.Age],
        (n, now) => [Name(n), n.Text("status", "phase"), HumanDuration.Age(n, now)]);

    public static readonly TableDefinition Services = new(
        [
            Column.NameColumn, new("Type"), new("Cluster-IP"), new("External-IP"), new("Port(s)"), Column.Age,
            Column.Wide("Selector"),
        ],
        (s, now) =>
        [
            Name(s), s.Text("spec", "type"), s.Text("spec", "clusterIP") ?? None, External(s), Ports(s),
            HumanDuration.Age(s, now), WorkloadTables.Labels(s.At("spec", "selector")),
        ]);

    public static readonly TableDefinition Events = new(
        [
            new("Last Seen"), new("Type"), new("Reason"), new("Object"), Column.Wide("Subobject"),
                Column.Wide("Source"),
            new("Message"), Column.Wide("First Seen"), Column.Wide("Count"), new("Name", Format: "name",
                Priority: 1),
        ],
        EventCells);

    public static readonly TableDefinition ConfigMaps = new(
        [Column.NameColumn, new("Data"), Column.Age],
        (c, now) =>
        [
            Name(c), (c.Object("data")?.Count ?? 0) + (c.Object("binaryData")?.Count ?? 0),
                HumanDuration.Age(c, now),
        ]);

    public static readonly TableDefinition Secrets = new(
        [Column.NameColumn, new("Type"), new("Data", "integer"), Column.Age],
        (s, now) => [Name(s), s.Text("type"), s.Object("data")?.Count ?? 0, HumanDuration.Age(s, now)]);

    public static readonly TableDefinition Leases = new(
        [Column.NameColumn, new("Holder"), Column.Age],
        (l, now) => [Name(l), l.Text("spec", "holderIdentity") ?? "", HumanDuration.Age(l, now)]);

    public static readonly TableDefinition NetworkPolicies = new(
        [Column.NameColumn, new("Pod-Selector"), Column.Age],
        (p, now) =>
        [
            Name(p), Selection.SelectorObject.ToText(p.At("spec", "podSelector")) is { Length: > 0 } text
                ? text : None,
            HumanDuration.Age(p, now),
        ]);

    public static readonly TableDefinition Definitions = new(
        [Column.NameColumn, new("Created At", "date")],
        (d, _) => [Name(d), d.Text("metadata", "creationTimestamp")]);

    /// <summary>Of every kind without columns of its own.</summary>
    public static readonly TableDefinition Plain = new(
        [Column.NameColumn, Column.Age], (o, now) => [Name(o), HumanDuration.Age(o, now)]);

    private static string? Name(JsonObject value) => value.Text("metadata", "name");

    private static string? Info(JsonObject node, string field) => node.Text("status", "nodeInfo", field);

    private static string NodeStatus(JsonObject node)
    {
        var ready = node.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == "Ready");
        var text = ready.Text("status") switch { "True" => "Ready", null => "Unknown", _ => "NotReady" };
        return node.Flag("spec", "unschedulable") ? text + ",SchedulingDisabled" : text;
    }

    private static string Roles(JsonObject node)
    {
        var roles = (node.Object("metadata", "labels") ?? [])
            .Select(l => l.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? l.Key[RolePrefix.Length..]
                : l.Key == "kubernetes.io/role" ? l.Value.Text() : null)
            .Where(r => r is { Length: > 0 }).Distinct().Order(StringComparer.Ordinal).ToList();
        return roles.Count == 0 ? None : string.Join(',', roles);
    }

    private static string Address(JsonObject node, string type) => node.Items("status", "addresses")
        .FirstOrDefault(a => a.Text("type") == type).Text("address") ?? None;

    private static string External(JsonObject service)
    {
        var given = service.Texts("spec", "externalIPs").ToList();
        switch (service.Text("spec", "type"))
        {
            case "ExternalName":
                return service.Text("spec", "externalName") ?? None;
            case "LoadBalancer":
                var ingress = service.Items("status", "loadBalancer", "ingress")
                    .Select(i => i.Text("ip") ?? i.Text("hostname")).OfType<string>();
                given = [.. ingress, .. given];
                return given.Count == 0 ? "<pending>" : string.Join(',', given);
            default:
                return given.Count == 0 ? None : string.Join(',', given);
        }
    }

    private static string Ports(JsonObject service)
    {
        var ports = service.Items("spec", "ports").Select(p => p.Number("nodePort") is { } node and not 0
            ? $"{p.Number("port")}:{node}/{p.Text("protocol")}"
                : $"{p.Number("port")}/{p.Text("protocol")}").ToList();
        return ports.Count == 0 ? None : string.Join(',', ports);
    }

    private static IEnumerable<JsonNode?> EventCells(JsonObject entry, DateTimeOffset now)
    {
        var single = entry.Text("eventTime");
        var first = entry.Text("firstTimestamp") ?? single;
        var last = entry.Text("series", "lastObservedTime") ?? entry.Text("lastTimestamp") ?? first;
        var count = entry.Number("series", "count") ?? entry.Number("count") ?? 1;
        var seen = HumanDuration.Since(last, now);
        var source = entry.Text("source", "component") ?? entry.Text("reportingComponent") ?? "";
        if (entry.Text("source", "host") is { Length: > 0 } host) source += ", " + host;
        return
        [
            seen, entry.Text("type"), entry.Text("reason"),
            $"{entry.Text("involvedObject", "kind")?.ToLowerInvariant()}/{entry.Text("involvedObject", "name")}",
            entry.Text("involvedObject", "fieldPath") ?? "", source, entry.Text("message")?.Trim(),
            HumanDuration.Since(first, now), count, Name(entry),
        ];
    }
}
