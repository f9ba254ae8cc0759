using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Merges a list of a strategic merge patch into the list that is there, and orders the
/// result.</summary>
internal static class ListMerge
{
    /// <param name="order">Of <c>$setElementOrder</c>; null orders by the patch.</param>
    /// <returns>A list that shares no node with the arguments.</returns>
    public static JsonArray Merge(SchemaNode field, JsonArray before, JsonArray patch, JsonArray? order)
    {
        var key = field.PatchKey;
        if (key.Length == 0) return Arrange(Union(before, patch), order ?? patch, before, key);
        var (server, changes, replaced) = Directives(before, patch, key);
        if (replaced) return new JsonArray([.. changes.Select(StrategicMergePatch.Plain)]);
        List<JsonNode?> merged = [.. server.Select(e => e?.DeepClone())];
        foreach (var change in changes)
        {
            var at = merged.FindIndex(e => SameElement(e, change, key));
            if (at < 0) merged.Add(StrategicMergePatch.Plain(change));
            else
                merged[at] = StrategicMergePatch.MergeObject(
                    field.Items ?? SchemaNode.AnyValue, merged[at]!.DeepClone().AsObject(), change);
        }
        if (order is not null)
            foreach (var change in changes)
                if (!order.Any(o => SameElement(o, change, key)))
                    throw StrategicMergePatch.Bad(
                        $"{StrategicMergePatch.OrderPrefix} must list every element that the patch sets, but "
                        + $"{JsonShape.Compact(change[key]!)} is not in it");
        return Arrange(merged, order ?? new JsonArray([.. changes.Select(c => c.DeepClone())]), before, key);
    }

    private static List<JsonNode?> Union(JsonArray before, JsonArray patch)
    {
        List<JsonNode?> merged = [];
        foreach (var item in before.Concat(patch))
            if (!merged.Exists(m => JsonShape.Same(m, item))) merged.Add(item?.DeepClone());
        return merged;
    }

    // Takes out the elements that carry $patch, doing what they say.
    private static (List<JsonNode?> Server, List<JsonObject> Changes, bool Replaced) Directives(
        JsonArray before, JsonArray patch, string key)
    {
        List<JsonNode?> server = [.. before];
        List<JsonObject> changes = [];
        var replaced = false;
        foreach (var item in patch)
        {
            if (item is not JsonObject element)
                throw StrategicMergePatch.Bad($"an element of a list that merges by '{key}' must be an object");
            switch (element[StrategicMergePatch.Directive]?.ToString())
            {
                case null or "merge":
                    changes.Add(HasKey(element, key));
                    break;
                case "delete":
                    HasKey(element, key);
                    server.RemoveAll(e => SameElement(e, element, key));
                    break;
                case "replace":
                    replaced = true;
                    if (element.Count > 1) changes.Add(WithoutDirective(element));
                    break;
                case var other:
                    throw StrategicMergePatch.Bad($"'{other}' is no value of {StrategicMergePatch.Directive}");
            }
        }
        return (server, changes, replaced);
    }

    private static JsonObject WithoutDirective(JsonObject element)
    {
        var copy = element.DeepClone().AsObject();
        copy.Remove(StrategicMergePatch.Directive);
        return copy;
    }

    private static JsonObject HasKey(JsonObject element, string key) => element[key] is not null
        ? element
        : throw StrategicMergePatch.Bad($"the element {JsonShape.Compact(element)} lacks its merge key '{key}'");

    // Elements named in the order stand in that order; each of the others keeps its place before the first of
    // those that it preceded on the server.
    private static JsonArray Arrange(List<JsonNode?> merged, JsonArray order, JsonArray server, string key)
    {
        List<JsonNode?> ordered = [];
        foreach (var wanted in order)
            ordered.AddRange(merged.Where(m => SameElement(m, wanted, key)).Except(ordered));
        var others = new Queue<JsonNode?>(merged.Except(ordered).OrderBy(m => IndexIn(server, m, key)));
        var result = new JsonArray();
        foreach (var item in ordered)
        {
            var at = IndexIn(server, item, key);
            while (at < int.MaxValue && others.TryPeek(out var other) && IndexIn(server, other, key) < at)
                result.Add(others.Dequeue());
            result.Add(item);
        }
        foreach (var other in others) result.Add(other);
        return result;
    }

    private static int IndexIn(JsonArray list, JsonNode? element, string key)
    {
        for (var i = 0; i < list.Count; i++)
            if (SameElement(list[i], element, key)) return i;
        return int.MaxValue;
    }

    private static bool SameElement(JsonNode? a, JsonNode? b, string key) => key.Length == 0
        ? JsonShape.Same(a, b)
        : a is JsonObject x && b is JsonObject y && x[key] is { } value && JsonShape.Same(value, y[key]);
}
