using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Patch;

/// <summary>JSON patch (RFC 6902): add, remove, replace, move, copy, test, in order, all or none.</summary>
public static class JsonPatch
{
    private const int MaxOperations = 10_000;

    /// <returns>A new tree; the arguments stay as they are.</returns>
    /// <exception cref="PatchException">Says which operation failed, and why.</exception>
    public static JsonNode? Apply(JsonNode? target, JsonArray patch)
    {
        if (patch.Count > MaxOperations)
            throw new PatchException($"the patch has {patch.Count} operations; at most {MaxOperations} are allowed");
        var root = target?.DeepClone();
        for (var i = 0; i < patch.Count; i++)
        {
            try
            {
                root = Run(root, patch[i]);
            }
            catch (PatchException e)
            {
                throw new PatchException($"operation {i}: {e.Message}");
            }
        }
        return root;
    }

    private static JsonNode? Run(JsonNode? root, JsonNode? operation)
    {
        var path = Pointer(operation, "path");
        switch (operation.Text("op"))
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                return Remove(root, path);
            case "replace":
                if (path.IsRoot) return Value(operation);
                path.Find(root);
                return Add(Remove(root, path), path, Value(operation));
            case "move":
                var from = Pointer(operation, "from");
                if (path.IsWithin(from)) throw new PatchException($"cannot move '{from}' into itself");
                var moved = from.Find(root)?.DeepClone();
                return Add(Remove(root, from), path, moved);
            case "copy":
                return Add(root, path, Pointer(operation, "from").Find(root)?.DeepClone());
            case "test":
                return JsonNode.DeepEquals(path.Find(root), Value(operation)) ? root
                    : throw new PatchException($"test failed: the value at '{path}' is another");
            default:
                throw new PatchException("op must be add, remove, replace, move, copy or test");
        }
    }

    private static JsonNode? Add(JsonNode? root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot) return value;
        var parent = path.Parent(root);
        if (parent is JsonArray list) list.Insert(path.Index(list, adding: true), value);
        else parent.AsObject()[path.Last] = value;
        return root;
    }

    private static JsonNode? Remove(JsonNode? root, JsonPointer path)
    {
        if (path.IsRoot) return null;
        var parent = path.Parent(root);
        if (parent is JsonArray list) list.RemoveAt(path.Index(list, adding: false));
        else if (!parent.AsObject().Remove(path.Last)) throw path.Missing();
        return root;
    }

    private static JsonPointer Pointer(JsonNode? operation, string field) => JsonPointer.Parse(
        operation.Text(field) ?? throw new PatchException($"the operation needs a text field '{field}'"));

    private static JsonNode? Value(JsonNode? operation) =>
        operation is JsonObject obj && obj.TryGetPropertyValue("value", out var value) ? value?.DeepClone()
            : throw new PatchException("the operation needs a field 'value'");
}
