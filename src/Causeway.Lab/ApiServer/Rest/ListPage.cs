using System.Text;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>The objects that answer one list request, at one revision.</summary>
/// <param name="Continue">Token for the page after it; null on the last.</param>
/// <param name="Remaining">How many come after this page; null where a selector makes that unknown.</param>
public sealed record ListPage(
    long Revision, IReadOnlyList<StoredObject> Items, string? Continue, long? Remaining)
{
    private const string ExpiredToken = "The provided continue parameter is too old to display a consistent list"
        + " result. You can start a new list without the continue parameter.";

    /// <summary>Pages of one list are of one revision: the token carries it, and the store remembers
    /// back.</summary>
    public static ListPage Read(ObjectStore store, ApiRequest request, Selector selector)
    {
        var limit = request.Number("limit") is { } l and > 0 ? l : long.MaxValue;
        if (request.Query("continue") is { Length: > 0 } token)
        {
            var (revision, ns, name) = Decode(token);
            var then = store.At(request.Type.StorageKey,
                revision) ?? throw StatusException.Expired(ExpiredToken);
            return Cut(then, revision, selector, limit, (ns, name));
        }
        var state = store.State;
        var wanted = request.Revision();
        if (request.Query("resourceVersionMatch") == "Exact")
        {
            if (wanted is null or 0)
                throw StatusException.BadRequest("resourceVersionMatch: Exact needs a resourceVersion other than 0");
            if (wanted > state.Revision) throw StatusException.TooNew(wanted.Value, state.Revision);
            var then = store.At(request.Type.StorageKey, wanted.Value)
                ?? throw StatusException.Expired($"The resourceVersion for the provided list is too old: {wanted}");
            return Cut(then, wanted.Value, selector, limit, null);
        }
        if (wanted > state.Revision) throw StatusException.TooNew(wanted.Value, state.Revision);
        return Cut(state[request.Type.StorageKey], state.Revision, selector, limit, null);
    }

    private static ListPage Cut(
        Collection collection, long revision, Selector selector, long limit, (string, string)? after)
    {
        var found = collection.List(selector.Namespace).Where(selector.Matches);
        if (after is var (ns, name))
        {
            found = found.Where(o => string.CompareOrdinal(o.Key.Namespace, ns) is var order
                && (order > 0 || (order == 0 && string.CompareOrdinal(o.Key.Name, name) > 0)));
        }
        if (limit == long.MaxValue) return new(revision, [.. found], null, null);
        List<StoredObject> items = [];
        long remaining = 0;
        foreach (var item in found)
        {
            if (items.Count < limit) items.Add(item);
            else remaining++;
        }
        if (remaining == 0) return new(revision, items, null, null);
        var isFiltered = selector.Labels is not null || selector.Fields is not null;
        return new(revision, items, Encode(revision, items[^1].Key), isFiltered ? null : remaining);
    }

    private static string Encode(long revision, ObjectKey last)
    {
        JsonObject token = new() { ["rv"] = revision, ["ns"] = last.Namespace, ["name"] = last.Name };
        return Convert.ToBase64String(Responses.Utf8(token)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static (long Revision, string Namespace, string Name) Decode(string token)
    {
        var text = token.Replace('-', '+').Replace('_', '/');
        var bytes = new byte[text.Length];
        if (Convert.TryFromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='), bytes, out var length))
        {
            try
            {
                var node = JsonNode.Parse(Encoding.UTF8.GetString(bytes, 0, length));
                if (node.Number("rv") is { } rv && node.Text("ns") is { } ns && node.Text("name") is { } name)
                    return (rv, ns, name);
            }
            catch (System.Text.Json.JsonException)
            {
                // Falls through: no token of ours.
            }
        }
        throw StatusException.BadRequest("continue key is not valid: it is not one that this server gave");
    }
}
