using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Rest;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.CustomResources;

/// <summary>
/// Deletes the objects of CustomResourceDefinitions that were deleted, and, once none is left, lets the
/// definitions go. Looks again after every change of either.
/// </summary>
internal sealed class DefinitionCleanup(ServerContext server)
{
    private static readonly ResourceType Definitions = BuiltInResources.CustomResourceDefinitions;

    private readonly ObjectRemover _remover = new(server);
    private readonly ObjectWriter _writer = new(server);
    private readonly Dictionary<string, Task> _running = [];

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var changes = server.Store.Subscribe(Definitions.StorageKey);
        try
        {
            do
            {
                while (changes.Notices.TryRead(out _))
                {
                    // One look serves all changes that are waiting.
                }
                foreach (var definition in server.Store.State[Definitions.StorageKey].List(null))
                    if (_running.GetValueOrDefault(definition.Key.Name) is not { IsCompleted: false })
                        _running[definition.Key.Name] = CleanAsync(definition, cancel);
            } while (await changes.Notices.WaitToReadAsync(cancel));
        }
        catch (OperationCanceledException)
        {
            // The server stops; the next one goes on.
        }
        await Task.WhenAll(_running.Values).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task CleanAsync(StoredObject stored, CancellationToken cancel)
    {
        var definition = stored.Parse();
        if (definition.Text("metadata", "deletionTimestamp") is null) return;
        if (DefinitionReader.Types(definition).FirstOrDefault() is not { } type) return;
        using var changes = server.Store.Subscribe(type.StorageKey);
        while (server.Store.State[type.StorageKey] is { Count: > 0 } items)
        {
            foreach (var item in items.List(null)) await DeleteAsync(type, item);
            // Those with finalizers go when their controllers are done with them.
            if (server.Store.State[type.StorageKey].Count > 0) await changes.Notices.ReadAsync(cancel);
        }
        try
        {
            await _writer.UpdateAsync(Definitions, stored.Key, "finalize", WriteOptions.Internal, live =>
            {
                var next = (JsonObject)live.DeepClone();
                var left = next.Texts("metadata",
                    "finalizers").Where(f => f != DefinitionAdmission.CleanupFinalizer);
                next["metadata"]!["finalizers"] = new JsonArray([.. left.Select(f => (JsonNode)f)]);
                return next;
            });
        }
        catch (StatusException e) when (e.Code == 404)
        {
            // Gone already.
        }
    }

    private async Task DeleteAsync(ResourceType type, StoredObject item)
    {
        try
        {
            await _remover.DeleteAsync(type, item.Key, DeleteOptions.Now);
        }
        catch (StatusException e) when (e.Code == 404)
        {
            // Gone already.
        }
    }
}
