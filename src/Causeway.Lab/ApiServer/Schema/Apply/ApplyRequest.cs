using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.Apply;

/// <summary>A server-side apply.</summary>
/// <param name="Live">The stored object; null to create it.</param>
/// <param name="Configuration">What the applier wants, decoded without defaults.</param>
/// <param name="Force">Take over fields that others own with other values.</param>
public sealed record ApplyRequest(
    ObjectSchema Schema, JsonObject? Live, JsonObject Configuration, string Manager, bool Force, DateTimeOffset Now)
{
    /// <summary><c>status</c>, or empty for the object itself.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The kind has a status subresource, so that one side never touches the other's
    /// fields.</summary>
    public bool HasStatus { get; init; } = true;
}

/// <summary>Any other write.</summary>
/// <param name="Live">The stored object; null when it is created.</param>
/// <param name="Updated">The object about to be stored.</param>
public sealed record TrackRequest(
    ObjectSchema Schema, JsonObject? Live, JsonObject Updated, string Manager, DateTimeOffset Now)
{
    /// <summary><c>status</c>, <c>scale</c>..., or empty for the object itself.</summary>
    public string Subresource { get; init; } = "";
}

/// <param name="Manager">As messages name it: <c>"kubectl-edit" using apps/v1</c>.</param>
/// <param name="Path"><c>.spec.replicas</c></param>
public sealed record ApplyConflict(string Manager, string Path);

/// <param name="Object">The object to store, managedFields included; null when there are conflicts.</param>
/// <param name="Changed">False when the live object already is that: nothing to store.</param>
public sealed record ApplyResult(JsonObject? Object, bool Changed, IReadOnlyList<ApplyConflict> Conflicts)
{
    /// <summary>The message of the 409 status.</summary>
    public string ConflictMessage
    {
        get
        {
            if (Conflicts is [var only])
                return $"Apply failed with 1 conflict: conflict with {only.Manager}: {only.Path}";
            var lines = Conflicts.GroupBy(c => c.Manager).OrderBy(g => g.Key, StringComparer.Ordinal)
                .SelectMany(g => g.Select(c => $"- {c.Path}").Prepend($"conflicts with {g.Key}:"));
            return $"Apply failed with {Conflicts.Count} conflicts: {string.Join('\n', lines)}";
        }
    }

    /// <summary><c>details.causes</c> of the 409 status.</summary>
    public JsonArray Causes => new([.. Conflicts.Select(c => new JsonObject
    {
        ["reason"] = "FieldManagerConflict",
        ["message"] = $"conflict with {c.Manager}",
        ["field"] = c.Path,
    })]);
}
