using Causeway.Core.Cluster;
using Causeway.Lab.ApiServer.Selection;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>Which objects of a collection a list, watch or deletecollection is about.</summary>
public sealed record Selector(string? Namespace, LabelSelector? Labels, FieldSelector? Fields)
{
    public static Selector Of(ApiRequest request)
    {
        LabelSelector? labels = null;
        FieldSelector? fields = null;
        if (request.Query("labelSelector") is { Length: > 0 } text)
            labels = LabelSelector.TryParse(text, out var read, out var fault)
                ? read : throw StatusException.BadRequest($"unable to parse requirement: {fault}");
        if (request.Query("fieldSelector") is { Length: > 0 } paths)
        {
            var storage = request.Type is { Group: "events.k8s.io" }
                ? paths.Replace("regarding.", "involvedObject.", StringComparison.Ordinal) : paths;
            fields = FieldSelector.Parse(storage, request.Type.StorageKey, out var fault)
                ?? throw StatusException.BadRequest(fault);
        }
        return new(request.Namespace, labels, fields);
    }

    public bool Matches(StoredObject value) =>
        (Namespace is null || value.Key.Namespace == Namespace)
        && (Fields?.Matches(value) ?? true) && (Labels?.Matches(value.Labels) ?? true);
}
