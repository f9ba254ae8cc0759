using System.Globalization;
using Causeway.Lab.ApiServer.Admission;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Rest;

/// <param name="Object">As it was last, or as it stays, marked.</param>
/// <param name="IsGone">False: a finalizer or a kubelet still holds it.</param>
public sealed record DeleteResult(StoredObject Object, bool IsGone);

/// <summary>Deletes objects, or marks them for whoever has to finish first.</summary>
internal sealed class ObjectRemover(ServerContext server)
{
    public async Task<DeleteResult> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options)
    {
        while (true)
        {
            var current = server.Store.State.Find(key) ?? throw StatusException.NotFound(type, key.Name);
            var tree = current.Parse();
            if (options.Uid is { } uid && uid != tree.Text("metadata", "uid"))
            {
                throw StatusException.Conflict(type, key.Name,
                    $"Precondition failed: UID in precondition: {uid}, UID in object meta: {tree.Text("metadata", "uid")}");
            }
            if (options.Revision is { } revision
                && revision != current.Revision.ToString(CultureInfo.InvariantCulture))
            {
                throw StatusException.Conflict(type, key.Name,
                    "Precondition failed: ResourceVersion in precondition:"
                    + $" {revision}, ResourceVersion in object meta: {current.Revision}");
            }
            var marked = Deletion.Mark(type, tree, options, server.Now);
            if (options.DryRun) return new(current, marked is null);
            var document = marked is null ? null : ObjectDocument.Of(marked);
            if (document is not null && document.Stamp(current.Revision).AsSpan().SequenceEqual(current.Json.Span))
                return new(current, false);
            var result = await server.Store.WriteAsync(key, current.Revision, document);
            if (result.Status == WriteStatus.Written)
            {
                if (marked is null && type == BuiltInResources.Services) server.Services.Release(tree);
                return new(result.Object!, marked is null);
            }
            ObjectWriter.ThrowUnlessConflict(result);
        }
    }
}
