using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Causeway.Lab.Tests.ApiServer.Watch;

public sealed class WatchTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task A_watch_tells_what_enters_changes_and_leaves_its_selection()
    {
        await using var server = await RunningServer.StartAsync();
        await using var frames = Watch(server,
            $"{ConfigMaps}?watch=true&labelSelector=on").GetAsyncEnumerator();
        var next = frames.MoveNextAsync();
        await server.PostAsync(ConfigMaps, """{"metadata":{"name":"quiet"}}""");
        await server.PostAsync(ConfigMaps, """{"metadata":{"name":"a","labels":{"on":"1"}}}""");
        Assert.True(await next);
        Assert.Equal("ADDED a", Describe(frames.Current));
        await PatchAsync("""{"data":{"k":"v"}}""");
        Assert.Equal("MODIFIED a", await NextAsync());
        var left = await PatchAsync("""{"metadata":{"labels":{"on":null}},"data":{"k":"w"}}""");
        Assert.Equal("DELETED a", await NextAsync());
        Assert.Equal("v", (string?)frames.Current["object"]!["data"]!["k"]);
        Assert.Equal((string?)left["metadata"]!["resourceVersion"],
            (string?)frames.Current["object"]!["metadata"]!["resourceVersion"]);
        await PatchAsync("""{"metadata":{"labels":{"on":"2"}}}""");
        Assert.Equal("ADDED a", await NextAsync());
        await server.DeleteAsync($"{ConfigMaps}/a");
        Assert.Equal("DELETED a", await NextAsync());

        Task<JsonNode> PatchAsync(string body) =>
            server.PatchAsync($"{ConfigMaps}/a", "application/merge-patch+json", body);

        async Task<string> NextAsync()
        {
            Assert.True(await frames.MoveNextAsync());
            return Describe(frames.Current);
        }
    }

    [Fact]
    public async Task A_watch_goes_on_where_another_ended()
    {
        await using var server = await RunningServer.StartAsync();
        var list = await server.GetAsync(ConfigMaps);
        var revision = (string?)list["metadata"]!["resourceVersion"];
        await server.PostAsync(ConfigMaps, """{"metadata":{"name":"a"}}""");
        await server.DeleteAsync($"{ConfigMaps}/a");
        var seen = await TakeAsync(server, $"{ConfigMaps}?watch=true&resourceVersion={revision}", 2);
        Assert.Equal(["ADDED a", "DELETED a"], seen.Select(Describe));
    }

    [Fact]
    public async Task A_watch_from_a_forgotten_revision_is_told_to_list_again()
    {
        await using var server = await RunningServer.StartAsync();
        await server.PostAsync(ConfigMaps, """{"metadata":{"name":"a"}}""");
        await server.RestartAsync();
        var frame = (await TakeAsync(server, $"{ConfigMaps}?watch=true&resourceVersion=1", 2)).Single();
        Assert.Equal("ERROR 410 Expired", $"{frame["type"]} {frame["object"]!["code"]} {frame["object"]!["reason"]}");
    }

    [Fact]
    public async Task Bookmarks_come_to_those_who_asked_and_end_the_initial_events()
    {
        await using var server = await RunningServer.StartAsync(
            o => o with { BookmarkInterval = TimeSpan.FromMilliseconds(50) });
        await server.PostAsync(ConfigMaps, """{"metadata":{"name":"a"}}""");
        var frames = await TakeAsync(server, $"{ConfigMaps}?watch=true&allowWatchBookmarks=true"
            + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan", 3);
        Assert.Equal(["ADDED", "BOOKMARK", "BOOKMARK"], frames.Select(f => (string?)f["type"]));
        Assert.Equal("true", (string?)frames[1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal("ConfigMap", (string?)frames[2]["object"]!["kind"]);
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_up()
    {
        await using var server = await RunningServer.StartAsync();
        Assert.Empty(await TakeAsync(server, $"{ConfigMaps}?watch=true&timeoutSeconds=1", 1));
    }

    [Fact]
    public async Task A_hundred_watchers_see_every_change_in_order()
    {
        await using var server = await RunningServer.StartAsync();
        var revision = (string?)(await server.GetAsync(ConfigMaps))["metadata"]!["resourceVersion"];
        var watchers = Enumerable.Range(0, 100)
            .Select(_ => TakeAsync(server, $"{ConfigMaps}?watch=true&resourceVersion={revision}",
                50)).ToList();
        for (var i = 0; i < 50; i++) await server.PostAsync(ConfigMaps,
            $$$"""{"metadata":{"name":"m{{{i}}}"}}""");
        var expected = Enumerable.Range(0, 50).Select(i => $"ADDED m{i}").ToList();
        foreach (var seen in await Task.WhenAll(watchers)) Assert.Equal(expected, seen.Select(Describe));
    }

    private static async Task<List<JsonNode>> TakeAsync(RunningServer server, string path, int count)
    {
        List<JsonNode> frames = [];
        await foreach (var frame in Watch(server, path))
        {
            frames.Add(frame);
            if (frames.Count == count) break;
        }
        return frames;
    }

    private static async IAsyncEnumerable<JsonNode> Watch(
        RunningServer server, string path, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        using var response = await server.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead,
            cancel);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await reader.ReadLineAsync(cancel) is { } line) yield return JsonNode.Parse(line)!;
    }

    private static string Describe(JsonNode frame) =>
        $"{frame["type"]} {frame["object"]!["metadata"]!["name"]}";
}
