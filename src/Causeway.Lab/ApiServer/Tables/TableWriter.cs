using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Rest;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>How much of each object comes along with its row.</summary>
internal enum IncludeObject
{
    None,
    Metadata,
    Object,
}

/// <summary>Makes tables (meta/v1 Table) for clients that show columns.</summary>
internal static class TableWriter
{
    private static readonly ConditionalWeakTable<CustomType, TableDefinition> Custom = [];

    public static IncludeObject IncludeOf(ApiRequest request) => request.Query("includeObject") switch
    {
        "" or "Metadata" => IncludeObject.Metadata,
        "None" => IncludeObject.None,
        "Object" => IncludeObject.Object,
        var other => throw StatusException.BadRequest(
            $"includeObject: Unsupported value: \"{other}\": supported values: \"Metadata\", \"None\", \"Object\""),
    };

    /// <summary>A table without rows.</summary>
    public static JsonObject Start(ResourceType type, long revision, bool withColumns = true)
    {
        var columns = new JsonArray();
        foreach (var column in withColumns ? DefinitionOf(type).Columns : [])
        {
            columns.Add((JsonNode)new JsonObject
            {
                ["name"] = column.Name, ["type"] = column.Type, ["format"] = column.Format,
                ["description"] = "", ["priority"] = column.Priority,
            });
        }
        return new()
        {
            ["kind"] = "Table", ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) },
            ["columnDefinitions"] = columns, ["rows"] = new JsonArray(),
        };
    }

    public static void AddRow(
        JsonObject table, ResourceType type, StoredObject value, IncludeObject include, DateTimeOffset now)
    {
        var tree = value.Parse();
        var cells = new JsonArray([.. DefinitionOf(type).Cells(tree, now)]);
        JsonObject row = new() { ["cells"] = cells };
        if (include == IncludeObject.Object) row["object"] = Conversion.Served(type, value);
        else if (include == IncludeObject.Metadata) row["object"] = PartialMetadata.Of(tree);
        table["rows"]!.AsArray().Add((JsonNode)row);
    }

    private static TableDefinition DefinitionOf(ResourceType type)
    {
        if (type.Custom is { } custom)
        {
            return custom.Columns is { Count: > 0 } columns
                ? Custom.GetValue(custom, _ => CustomTable.Of(columns)) : ClusterTables.Plain;
        }
        return type.StorageKey switch
        {
            "pods" => PodTable.Definition,
            "nodes" => ClusterTables.Nodes,
            "namespaces" => ClusterTables.Namespaces,
            "services" => ClusterTables.Services,
            "endpoints" => EndpointTables.Endpoints,
            "discovery.k8s.io/endpointslices" => EndpointTables.Slices,
            "events" => ClusterTables.Events,
            "configmaps" => ClusterTables.ConfigMaps,
            "secrets" => ClusterTables.Secrets,
            "apps/deployments" => WorkloadTables.Deployments,
            "apps/replicasets" => WorkloadTables.ReplicaSets,
            "apps/daemonsets" => WorkloadTables.DaemonSets,
            "apps/statefulsets" => WorkloadTables.StatefulSets,
            "coordination.k8s.io/leases" => ClusterTables.Leases,
            "networking.k8s.io/networkpolicies" => ClusterTables.NetworkPolicies,
            "apiextensions.k8s.io/customresourcedefinitions" => ClusterTables.Definitions,
            _ => ClusterTables.Plain,
        };
    }
}
