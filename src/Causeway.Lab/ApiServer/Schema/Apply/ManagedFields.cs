using System.Globalization;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.Apply;

/// <summary>Who wrote: appliers are told apart by name and subresource, others by the API version they used
/// too.</summary>
internal sealed record ManagerId(string Manager, string Operation, string ApiVersion, string Subresource)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    public bool Equals(ManagerId? other) => other is not null
        && Manager == other.Manager && Operation == other.Operation && Subresource == other.Subresource
        && (Operation == Apply || ApiVersion == other.ApiVersion);

    public override int GetHashCode() => HashCode.Combine(Manager, Operation, Subresource);

    /// <summary>As conflict messages name it.</summary>
    public override string ToString()
    {
        var text = $"\"{Manager}\"";
        if (Subresource.Length > 0) text += $" with subresource \"{Subresource}\"";
        return Operation == Update ? $"{text} using {ApiVersion}" : text;
    }
}

/// <summary>What a manager owns, and since when.</summary>
internal sealed record Ownership(FieldSet Fields, string Time);

/// <summary><c>metadata.managedFields</c>, read and written.</summary>
internal static class ManagedFields
{
    /// <summary>Entries that cannot be read are left out.</summary>
    public static Dictionary<ManagerId, Ownership> Read(JsonObject? obj)
    {
        Dictionary<ManagerId, Ownership> managers = [];
        if (obj?["metadata"]?["managedFields"] is not JsonArray entries) return managers;
        foreach (var entry in entries.OfType<JsonObject>())
        {
            var operation = Text(entry, "operation");
            if (operation is not (ManagerId.Apply or ManagerId.Update)) continue;
            if (FieldSet.FromJson(entry["fieldsV1"]) is not { } fields) continue;
            var id = new ManagerId(
                Text(entry, "manager"), operation, Text(entry, "apiVersion"), Text(entry, "subresource"));
            managers[id] = managers.TryGetValue(id, out var other)
                ? other with { Fields = other.Fields.Union(fields) }
                : new(fields, Text(entry, "time"));
        }
        return managers;
    }

    /// <summary>Replaces the object's entries: appliers first, then by time and name.</summary>
    public static void Write(JsonObject obj, Dictionary<ManagerId, Ownership> managers)
    {
        if (obj["metadata"] is not JsonObject metadata) obj["metadata"] = metadata = [];
        metadata.Remove("managedFields");
        var entries = managers.Where(m => !m.Value.Fields.IsEmpty)
            .OrderBy(m => m.Key.Operation, StringComparer.Ordinal)
            .ThenBy(m => m.Value.Time, StringComparer.Ordinal)
            .ThenBy(m => m.Key.Manager, StringComparer.Ordinal)
            .ThenBy(m => m.Key.Subresource, StringComparer.Ordinal)
            .Select(m => Entry(m.Key, m.Value));
        var list = new JsonArray([.. entries]);
        if (list.Count > 0) metadata["managedFields"] = list;
    }

    /// <summary>RFC 3339, in whole seconds.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject Entry(ManagerId id, Ownership owned)
    {
        var entry = new JsonObject
        {
            ["manager"] = id.Manager,
            ["operation"] = id.Operation,
            ["apiVersion"] = id.ApiVersion,
            ["time"] = owned.Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = owned.Fields.ToJson(),
        };
        if (id.Subresource.Length > 0) entry["subresource"] = id.Subresource;
        return entry;
    }

    private static string Text(JsonObject entry, string name) => entry[name]?.ToString() ?? "";
}
