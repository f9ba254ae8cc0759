using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.Apply;

/// <summary>What differs between two values.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public FieldSet Changed { get; } = Added.Union(Modified);

    public bool IsSame => Changed.IsEmpty && Removed.IsEmpty;
}

/// <summary>The algebra of values under a schema: fields, difference, merge, removal (structured
/// merge).</summary>
internal static class TypedValue
{
    private enum Shape
    {
        /// <summary>Scalars, and what is owned as one value.</summary>
        Leaf,
        Fields,
        Items,
    }

    /// <summary>The fields that a configuration speaks of.</summary>
    public static FieldSet FieldsOf(SchemaNode node, JsonNode value)
    {
        var set = new FieldSet();
        Collect(node, value, set, created: false);
        return Trimmed(set);
    }

    public static Comparison Compare(SchemaNode node, JsonNode? before, JsonNode? after)
    {
        FieldSet added = new(), modified = new(), removed = new();
        Compare(node, before, after, added, modified, removed);
        return new(Trimmed(added), Trimmed(modified), Trimmed(removed));
    }

    /// <summary>The configuration laid over the live value. The result shares no nodes with them.</summary>
    public static JsonNode Merge(SchemaNode node, JsonNode live, JsonNode configuration)
    {
        var shape = ShapeOf(node, configuration);
        if (shape == Shape.Leaf || ShapeOf(node, live) != shape) return configuration.DeepClone();
        if (shape == Shape.Items) return MergeItems(node, live.AsArray(), configuration.AsArray());
        var result = live.DeepClone().AsObject();
        foreach (var (name, value) in configuration.AsObject())
        {
            if (value is null) continue;
            result[name] = result[name] is { } old ? Merge(FieldOf(node, name), old, value) : value.DeepClone();
        }
        return result;
    }

    /// <summary>The value without the paths of a set and what lies below them. Containers emptied by it go
    /// too,
    /// except those that are members of <paramref name="kept"/>. Null when nothing is left.</summary>
    public static JsonNode? Remove(SchemaNode node, JsonNode value, FieldSet paths, FieldSet? kept)
    {
        switch (ShapeOf(node, value))
        {
            case Shape.Fields when value.AsObject().Count > 0:
                var result = new JsonObject();
                foreach (var (name, child) in value.AsObject())
                {
                    var left = RemovePart(FieldOf(node, name), child, PathElement.Field(name), paths, kept);
                    if (left is not null) result[name] = left;
                }
                return result.Count == 0 && kept is not { IsMember: true } ? null : result;
            case Shape.Items when value.AsArray().Count > 0:
                var items = new JsonArray();
                foreach (var item in value.AsArray())
                {
                    var left = RemovePart(ItemOf(node), item, PathElement.Item(node, item), paths, kept);
                    if (left is not null) items.Add(left);
                }
                return items.Count == 0 && kept is not { IsMember: true } ? null : items;
            default:
                return value.DeepClone();
        }
    }

    private static JsonNode? RemovePart(
        SchemaNode node, JsonNode? part, string element, FieldSet paths, FieldSet? kept)
    {
        var below = paths.Find(element);
        if (below is { IsMember: true } || part is null) return null;
        return below is null ? part.DeepClone() : Remove(node, part, below, kept?.Find(element));
    }

    /// <param name="created">Containers that came to be are members themselves: whoever made them owns
    /// them.</param>
    private static void Collect(SchemaNode node, JsonNode? value, FieldSet set, bool created)
    {
        switch (ShapeOf(node, value))
        {
            case Shape.Leaf:
                set.IsMember = true;
                break;
            case Shape.Fields:
                var isMap = node.Properties.Count == 0;
                set.IsMember |= value!.AsObject().Count == 0 || (created && isMap);
                foreach (var (name, child) in value.AsObject())
                {
                    var below = set.Enter(PathElement.Field(name));
                    Collect(FieldOf(node, name), child, below, created);
                    below.IsMember |= !node.Properties.ContainsKey(name);
                }
                break;
            case Shape.Items:
                set.IsMember |= created || value!.AsArray().Count == 0;
                foreach (var item in value!.AsArray())
                {
                    var below = set.Enter(PathElement.Item(node, item));
                    Collect(ItemOf(node), item, below, created);
                    below.IsMember = true;
                }
                break;
        }
    }

    private static void Compare(
        SchemaNode node, JsonNode? before, JsonNode? after, FieldSet added, FieldSet modified, FieldSet removed)
    {
        if (before is null && after is null) return;
        if (before is null) Collect(node, after, added, created: true);
        else if (after is null) Collect(node, before, removed, created: true);
        else
        {
            var shape = ShapeOf(node, before);
            if (shape != ShapeOf(node, after) || shape == Shape.Leaf)
            {
                modified.IsMember |= !JsonShape.Same(before, after);
                return;
            }
            var old = Parts(node, before);
            var now = Parts(node, after);
            foreach (var (element, part) in old)
            {
                var other = now.GetValueOrDefault(element);
                Compare(part.Node, part.Value, other.Value,
                    added.Enter(element), modified.Enter(element), removed.Enter(element));
                if (other.Node is null && part.Value is not null) removed.Enter(element).IsMember = true;
            }
            foreach (var (element, part) in now.Where(p => !old.ContainsKey(p.Key) && p.Value.Value is not null))
            {
                Collect(part.Node, part.Value, added.Enter(element), created: true);
                added.Enter(element).IsMember |= shape == Shape.Items
                    || !node.Properties.ContainsKey(element[2..]);
            }
        }
    }

    private static Dictionary<string, (SchemaNode Node, JsonNode? Value)> Parts(SchemaNode node, JsonNode value)
    {
        Dictionary<string, (SchemaNode, JsonNode?)> parts = new(StringComparer.Ordinal);
        if (value is JsonObject obj)
            foreach (var (name, child) in obj) parts[PathElement.Field(name)] = (FieldOf(node, name), child);
        else
            foreach (var item in value.AsArray()) parts[PathElement.Item(node, item)] = (ItemOf(node), item);
        return parts;
    }

    // The configuration's order holds among its items; the other live items keep their places around them.
    private static JsonArray MergeItems(SchemaNode node, JsonArray live, JsonArray configuration)
    {
        var keys = live.Select(item => PathElement.Item(node, item)).ToList();
        var wanted = configuration.Select(item => PathElement.Item(node, item)).ToHashSet(StringComparer.Ordinal);
        var result = new JsonArray();
        var next = 0;
        foreach (var item in configuration)
        {
            var key = PathElement.Item(node, item);
            var at = keys.IndexOf(key);
            while (next < keys.Count && (next < at || !wanted.Contains(keys[next])))
            {
                if (!wanted.Contains(keys[next])) result.Add(live[next]?.DeepClone());
                next++;
            }
            result.Add(at >= 0 && live[at] is { } old && item is not null
                ? Merge(ItemOf(node), old, item) : item?.DeepClone());
            if (at >= next) next = at + 1;
        }
        for (; next < keys.Count; next++)
            if (!wanted.Contains(keys[next])) result.Add(live[next]?.DeepClone());
        return result;
    }

    private static Shape ShapeOf(SchemaNode node, JsonNode? value) => value switch
    {
        JsonObject when node.Type is SchemaType.Object or SchemaType.Any && !node.AtomicMap => Shape.Fields,
        JsonArray when node.Type == SchemaType.Array && node.ListKind != ListKind.Atomic => Shape.Items,
        _ => Shape.Leaf,
    };

    private static SchemaNode FieldOf(SchemaNode node, string name) =>
        node.Field(name) ?? SchemaNode.AnyValue;

    private static SchemaNode ItemOf(SchemaNode node) => node.Items ?? SchemaNode.AnyValue;

    private static FieldSet Trimmed(FieldSet set) => set.Union(new FieldSet());
}
