using System.Text.Json.Nodes;
using Causeway.Core;

namespace Causeway.Lab.ApiServer.Schema.Apply;

/// <summary>
/// Field ownership (KEP-555): server-side apply, and the tracking of every other write. Ownership is a set
/// of field paths per manager, kept in <c>metadata.managedFields</c>.
/// </summary>
public static class ServerSideApply
{
    private const int MaxManagerLength = 128;

    private static readonly FieldSet NeverOwned = Fields(
        "apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.creationTimestamp",
        "metadata.selfLink", "metadata.uid", "metadata.generation", "metadata.resourceVersion",
        "metadata.managedFields");

    /// <summary>The manager's name: the <c>fieldManager</c> parameter, else the program in the User-Agent
    /// header.</summary>
    public static string ManagerOf(string? fieldManager, string? userAgent)
    {
        if (!string.IsNullOrEmpty(fieldManager)) return fieldManager;
        var program = (userAgent ?? "").Split('/')[0];
        var printable = string.Concat(program.Where(c => !char.IsControl(c))).Trim();
        if (printable.Length == 0) return "unknown";
        return printable.Length <= MaxManagerLength ? printable : printable[..MaxManagerLength];
    }

    /// <summary>Merges a configuration into the live object, unless it conflicts with other managers'
    /// fields.</summary>
    /// <exception cref="InputException">The configuration names managedFields itself.</exception>
    public static ApplyResult Apply(ApplyRequest request)
    {
        if (request.Configuration["metadata"]?["managedFields"] is JsonArray { Count: > 0 })
            throw new InputException("metadata.managedFields must be nil: leave it out of what you apply");
        var schema = request.Schema.Root;
        var configuration = Reachable(request);
        var live = request.Live is null ? new JsonObject() : WithoutManagedFields(request.Live);
        var managers = ManagedFields.Read(request.Live);
        var time = ManagedFields.Format(request.Now);
        var version = request.Schema.Kind.ApiVersion;
        if (request.Live is not null && managers.Count == 0)
            managers = BeforeFirstApply(schema, live, version, time);

        var id = new ManagerId(request.Manager, ManagerId.Apply, version, request.Subresource);
        var last = managers.GetValueOrDefault(id);
        var fields = TypedValue.FieldsOf(schema, configuration).Except(NeverOwned);
        managers[id] = last is not null && last.Fields.SameAs(fields) ? last : new(fields, time);

        var merged = TypedValue.Merge(schema, live, configuration).AsObject();
        if (last is not null) merged = Prune(schema, merged, last.Fields, managers);
        var comparison = Strip(TypedValue.Compare(schema, live, merged));
        var conflicts = ConflictsWith(managers, id, comparison);
        if (conflicts.Count > 0 && !request.Force) return new(null, false, conflicts);
        TakeFromOthers(managers, id, comparison);

        var result = merged;
        ManagedFields.Write(result, managers);
        var changed = request.Live is null || !JsonShape.Same(result, request.Live);
        return new(result, changed, []);
    }

    /// <summary>The updated object with its managedFields brought up to date.</summary>
    public static JsonObject Track(TrackRequest request)
    {
        var schema = request.Schema.Root;
        var live = request.Live is null ? new JsonObject() : WithoutManagedFields(request.Live);
        var updated = WithoutManagedFields(request.Updated);
        // A client may edit the entries themselves; [{}] clears them.
        var managers = ManagedFields.Read(request.Updated);
        var cleared = request.Updated["metadata"]?["managedFields"] is JsonArray { Count: 1 } entries
            && entries[0] is JsonObject { Count: 0 };
        if (managers.Count == 0 && !cleared) managers = ManagedFields.Read(request.Live);

        var id = new ManagerId(
            request.Manager, ManagerId.Update, request.Schema.Kind.ApiVersion, request.Subresource);
        var comparison = Strip(TypedValue.Compare(schema, live, updated));
        TakeFromOthers(managers, id, comparison);
        var before = managers.GetValueOrDefault(id);
        var owned = (before?.Fields ?? new FieldSet()).ExceptBelow(comparison.Removed).Union(comparison.Changed);
        if (before is null || !before.Fields.SameAs(owned))
            managers[id] = new(owned, ManagedFields.Format(request.Now));
        ManagedFields.Write(updated, managers);
        return updated;
    }

    // What the last apply owned and this one leaves out goes, unless someone else owns it.
    private static JsonObject Prune(
        SchemaNode schema, JsonObject merged, FieldSet last, Dictionary<ManagerId, Ownership> managers)
    {
        var owned = managers.Values.Aggregate(new FieldSet(), (all, m) => all.Union(m.Fields));
        var gone = last.WithNamedParents().Except(owned.WithNamedParents());
        return TypedValue.Remove(schema, merged, gone, owned)?.AsObject() ?? [];
    }

    private static List<ApplyConflict> ConflictsWith(
        Dictionary<ManagerId, Ownership> managers, ManagerId id, Comparison comparison) =>
        [.. managers.Where(m => !m.Key.Equals(id))
            .OrderBy(m => m.Key.Manager, StringComparer.Ordinal)
            .SelectMany(m => m.Value.Fields.Intersect(comparison.Changed).Paths()
                .Select(path => new ApplyConflict(m.Key.ToString(), path)))];

    private static void TakeFromOthers(
        Dictionary<ManagerId, Ownership> managers, ManagerId id, Comparison comparison)
    {
        foreach (var (other, owned) in managers.Where(m => !m.Key.Equals(id)).ToList())
        {
            var left = owned.Fields.Except(comparison.Changed).ExceptBelow(comparison.Removed);
            if (left.IsEmpty) managers.Remove(other);
            else if (!left.SameAs(owned.Fields)) managers[other] = owned with { Fields = left };
        }
    }

    // Objects from before ownership was tracked: their fields belong to nobody in particular.
    private static Dictionary<ManagerId, Ownership> BeforeFirstApply(
        SchemaNode schema, JsonObject live, string version, string time)
    {
        var fields = TypedValue.FieldsOf(schema, live).Except(NeverOwned);
        return new() { [new("before-first-apply", ManagerId.Update, version, "")] = new(fields, time) };
    }

    private static JsonObject Reachable(ApplyRequest request)
    {
        var configuration = WithoutManagedFields(request.Configuration);
        if (request.Subresource == "status")
        {
            foreach (var name in configuration.Select(p => p.Key).ToList())
                if (name is not ("apiVersion" or "kind" or "metadata" or "status"))
                    configuration.Remove(name);
            if (configuration["metadata"] is JsonObject metadata)
                foreach (var name in metadata.Select(p => p.Key).ToList())
                    if (name is not ("name" or "namespace" or "resourceVersion" or "uid"))
                        metadata.Remove(name);
        }
        else if (request.HasStatus)
        {
            configuration.Remove("status");
        }
        return configuration;
    }

    private static JsonObject WithoutManagedFields(JsonObject obj)
    {
        var copy = obj.DeepClone().AsObject();
        (copy["metadata"] as JsonObject)?.Remove("managedFields");
        return copy;
    }

    private static Comparison Strip(Comparison comparison) => new(
        comparison.Added.Except(NeverOwned), comparison.Modified.Except(NeverOwned),
        comparison.Removed.Except(NeverOwned));

    private static FieldSet Fields(params ReadOnlySpan<string> paths)
    {
        var set = new FieldSet();
        foreach (var path in paths)
        {
            var node = set;
            foreach (var name in path.Split('.')) node = node.Enter(PathElement.Field(name));
            node.IsMember = true;
        }
        return set;
    }
}
