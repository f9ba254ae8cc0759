using System.Buffers;
using System.IO.Pipelines;
using Causeway.Lab.ApiServer.Rest;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Watch;

/// <summary>watch: the changes of a collection as a stream of frames, one JSON object per line.</summary>
internal sealed class WatchVerb(ServerContext server)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(45);

    public async Task RunAsync(ApiRequest request, CancellationToken stopping)
    {
        var selector = Selector.Of(request);
        var bookmarks = request.Flag("allowWatchBookmarks");
        var initial = request.Flag("sendInitialEvents");
        if (initial && request.Query("resourceVersionMatch") != "NotOlderThan")
        {
            throw StatusException.BadRequest("sendInitialEvents: Forbidden: it needs"
                + " resourceVersionMatch=NotOlderThan");
        }
        var form = Accept.FormOf(request.Http.Request.Headers.Accept.ToString()) ?? throw StatusException.NotAcceptable();
        var frames = new WatchFrames(server, request, form);
        var revision = request.Revision() ?? 0;
        request.Http.Response.ContentType = Responses.Json;
        request.Http.Response.StatusCode = 200;
        var output = request.Http.Response.BodyWriter;

        var fromNow = revision == 0 || initial;
        using var subscription = fromNow
            ? server.Store.Subscribe(request.Type.StorageKey)
            : server.Store.Subscribe(request.Type.StorageKey, revision);
        if (subscription is null)
        {
            var error = StatusException.Expired(
                $"too old resource version: {revision} ({server.Store.State.Revision})");
            await output.WriteAsync(WatchFrames.Error(error), request.Aborted);
            return;
        }
        using var timeout = new CancellationTokenSource(Timeout(request), server.Options.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping, timeout.Token);
        try
        {
            if (fromNow && (initial || request.Query("sendInitialEvents") != "false"))
                await SendInitialAsync(subscription, selector, frames, output, initial, end.Token);
            else await output.FlushAsync(end.Token);
            await FollowAsync(subscription, selector, frames, output, bookmarks, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The client went away, the time is up, or the server stops: the stream just ends.
        }
    }

    private static async Task SendInitialAsync(
        Subscription subscription, Selector selector, WatchFrames frames, PipeWriter output, bool endMark,
        CancellationToken cancel)
    {
        foreach (var value in subscription.Start[subscription.Resource].List(selector.Namespace))
        {
            if (!selector.Matches(value)) continue;
            frames.WriteInitial(output, value);
            if (output.UnflushedBytes > 64 << 10) await output.FlushAsync(cancel);
        }
        if (endMark) frames.WriteBookmark(output, subscription.Start.Revision, endOfInitial: true);
        await output.FlushAsync(cancel);
    }

    /// <summary>Flushes whenever nothing more waits, so that each event goes out at once.</summary>
    private static async Task FollowAsync(
        Subscription subscription, Selector selector, WatchFrames frames, PipeWriter output, bool bookmarks,
        CancellationToken cancel)
    {
        while (await subscription.Notices.WaitToReadAsync(cancel))
        {
            while (subscription.Notices.TryRead(out var notice))
            {
                if (notice.Event is { } entry) Write(entry, selector, frames, output);
                else if (bookmarks) frames.WriteBookmark(output, notice.Revision, endOfInitial: false);
                if (output.UnflushedBytes > 64 << 10) await output.FlushAsync(cancel);
            }
            if (output.UnflushedBytes > 0) await output.FlushAsync(cancel);
        }
    }

    /// <summary>An object that enters the selection is new to the watcher; one that leaves it is
    /// gone.</summary>
    private static void Write(StoreEvent entry, Selector selector, WatchFrames frames, PipeWriter output)
    {
        var before = entry.Old is { } old && selector.Matches(old);
        var after = entry.New is { } value && selector.Matches(value);
        if (after) frames.Write(output, before ? "MODIFIED" : "ADDED", entry, isLast: false);
        else if (before) frames.Write(output, "DELETED", entry, isLast: true);
    }

    private static TimeSpan Timeout(ApiRequest request) =>
        request.Number("timeoutSeconds") is { } seconds and > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400)) : DefaultTimeout;
}
