using System.Threading.Channels;
using Causeway.Core.Cluster;
using Causeway.Kubernetes.Watching;

namespace Causeway.Kubernetes.Tests.Watching;

public sealed class ReflectorTests
{
    private const string Nodes = "/api/v1/nodes/";

    [Fact]
    public async Task Tells_what_is_there_then_synced_then_each_change()
    {
        await using var server = await new FakeApiServer().Start();
        server.Put(Nodes + "a", Named("a"));
        server.Put(Nodes + "b", Named("b"));
        await using var story = new Story(server);

        Assert.Equal(["+a", "+b", "synced"], await story.Next(3));
        server.Put(Nodes + "c", Named("c"));
        server.Put(Nodes + "a", Named("a"));
        server.Remove(Nodes + "b");
        Assert.Equal(["+c", "~a", "-b"], await story.Next(3));
        // Counted once it is told.
        await story.Until(() => story.Statistics.Objects == 2);
    }

    [Fact]
    public async Task First_list_asks_for_version_0_and_follows_the_pages()
    {
        await using var server = await new FakeApiServer().Start();
        for (var i = 0; i < 5; i++) server.Put(Nodes + $"n{i}", Named($"n{i}"));
        await using var story = new Story(server, new() { PageSize = 2 });

        Assert.Equal(["+n0", "+n1", "+n2", "+n3", "+n4", "synced"], await story.Next(6));
        var lists = server.Requests.Where(r => !r.Path.Contains("watch=1")).Select(r => r.Path).ToList();
        Assert.Equal(3, lists.Count);
        Assert.Contains("resourceVersion=0", lists[0]);
        Assert.DoesNotContain("resourceVersion", lists[1]);
    }

    [Fact]
    public async Task A_watch_that_ends_goes_on_where_it_was_without_a_new_list()
    {
        await using var server = await new FakeApiServer().Start();
        await using var story = new Story(server);
        Assert.Equal(["synced"], await story.Next(1));

        server.DropWatches();
        server.Put(Nodes + "a", Named("a"));
        Assert.Equal(["+a"], await story.Next(1));
        server.DropWatches();
        server.Remove(Nodes + "a");
        Assert.Equal(["-a"], await story.Next(1));
        Assert.Equal(1, story.Statistics.Lists);
    }

    [Fact]
    public async Task Bookmark_moves_the_version_that_a_watch_resumes_at()
    {
        await using var server = await new FakeApiServer().Start();
        await using var story = new Story(server);
        Assert.Equal(["synced"], await story.Next(1));
        await story.Until(() => server.Watches == 1);
        server.Bookmark();
        await story.Until(() => story.Statistics.Events == 1);
        server.Compact();
        server.DropWatches();
        server.Put(Nodes + "a", Named("a"));
        // Without the bookmark the resumed watch would be told 410, and list again.
        Assert.Equal(["+a"], await story.Next(1));
        Assert.Equal(1, story.Statistics.Lists);
    }

    [Fact]
    public async Task Version_gone_lists_again_and_tells_the_differences_alone()
    {
        await using var server = await new FakeApiServer().Start();
        server.Put(Nodes + "same", Named("same"));
        server.Put(Nodes + "gone", Named("gone"));
        server.Put(Nodes + "changed", Named("changed"));
        await using var story = new Story(server);
        Assert.Equal(["+changed", "+gone", "+same", "synced"], await story.Next(4));
        await story.Until(() => server.Watches == 1);

        server.Intercept = r => r.Query["watch"] == "1" ? (503, "") : null;
        server.DropWatches();
        server.Remove(Nodes + "gone");
        server.Put(Nodes + "changed", Named("changed"));
        server.Put(Nodes + "new", Named("new"));
        server.Compact();
        server.Intercept = null;
        Assert.Equal(["-gone", "~changed", "+new"], await story.Next(3));
        Assert.Equal(2, story.Statistics.Lists);
    }

    [Fact]
    public async Task Object_replaced_under_its_name_while_away_is_a_deletion_and_an_addition()
    {
        await using var server = await new FakeApiServer().Start();
        server.Put(Nodes + "a", Named("a"));
        await using var story = new Story(server);
        Assert.Equal(["+a", "synced"], await story.Next(2));

        server.Intercept = r => r.Query["watch"] == "1" ? (503, "") : null;
        server.DropWatches();
        server.Remove(Nodes + "a");
        server.Put(Nodes + "a", Named("a"));
        server.Compact();
        server.Intercept = null;
        Assert.Equal(["-a", "+a"], await story.Next(2));
    }

    [Fact]
    public async Task Server_away_keeps_the_last_state_and_goes_on_when_it_returns()
    {
        await using var server = await new FakeApiServer().Start();
        server.Put(Nodes + "a", Named("a"));
        await using var story = new Story(server, new() { ShortestPause = TimeSpan.FromMinutes(10) });
        Assert.Equal(["+a", "synced"], await story.Next(2));

        await server.Stop();
        await story.Until(() => story.Statistics.Errors > 0);
        Assert.Equal(1, story.Statistics.Objects);
        server.Put(Nodes + "b", Named("b"));
        await server.Start();
        // The pause would take ten minutes: the return of the server ends it.
        Assert.Equal(["+b"], await story.Next(1));
    }

    [Fact]
    public async Task Server_that_fails_for_an_hour_is_asked_with_growing_pauses_and_then_followed_again()
    {
        await using var server = await new FakeApiServer().Start();
        server.Put(Nodes + "a", Named("a"));
        var time = new ManualTime();
        var options = new ReflectorOptions();
        await using var story = new Story(server, options, time);
        Assert.Equal(["+a", "synced"], await story.Next(2));
        await story.Until(() => server.Watches == 1);

        server.Intercept = _ => (503, "");
        server.DropWatches();
        var asked = story.Statistics.Errors;
        for (var left = TimeSpan.FromHours(1); left > TimeSpan.Zero;)
        {
            // A longer wait is the lifetime of a watch that is being asked for.
            await story.Until(() => time.Next <= options.LongestPause);
            var pause = time.Next!.Value;
            time.Advance(pause);
            left -= pause;
        }
        Assert.InRange(story.Statistics.Errors - asked, 100, 260);
        Assert.Equal(1, story.Statistics.Objects);

        server.Put(Nodes + "b", Named("b"));
        server.Intercept = null;
        await story.Until(() =>
        {
            if (time.Next <= options.LongestPause) time.Advance(time.Next.Value);
            return story.Statistics.Objects == 2;
        });
        Assert.Equal(["+b"], await story.Next(1));
        Assert.Equal(1, story.Statistics.Lists);
    }

    [Fact]
    public async Task Who_undoes_what_a_list_lacks_does_not_take_a_servers_memory_for_the_store()
    {
        await using var server = await new FakeApiServer().Start();
        await using var story = new Story(server, new() { Fresh = true });
        Assert.Equal(["synced"], await story.Next(1));
        Assert.DoesNotContain("resourceVersion", Assert.Single(server.Requests, r => !r.Path.Contains("watch=1")).Path);
    }

    [Fact]
    public async Task Undecodable_object_is_reported_and_the_others_are_told()
    {
        await using var server = await new FakeApiServer().Start();
        server.Put(Nodes + "bad", """{"metadata":{"name":"bad"},"status":{"addresses":7}}""");
        server.Put(Nodes + "good", Named("good"));
        await using var story = new Story(server);

        Assert.Equal(["+good", "synced"], await story.Next(2));
        Assert.Contains(story.Problems, p => p.Contains("Node bad"));
    }

    private static string Named(string name) => $$"""{"metadata":{"name":"{{name}}" } }""";

    /// <summary>A running reflector whose changes read like a log.</summary>
    private sealed class Story : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
        private readonly Channel<string> _told = Channel.CreateUnbounded<string>();
        private readonly KubeClient _client;
        private readonly Reflector<Node> _reflector;
        private readonly Task _run;

        public Story(FakeApiServer server, ReflectorOptions? options = null, TimeProvider? time = null)
        {
            _client = server.Client();
            options ??= new() { ShortestPause = TimeSpan.FromMilliseconds(5) };
            options = options with { OnProblem = p => { lock (Problems) Problems.Add(p); } };
            _reflector = new(_client, KubeTypes.Nodes, options, time ?? TimeProvider.System, new Random(1));
            _run = _reflector.Run(change => _told.Writer.WriteAsync(change.Kind switch
            {
                ChangeKind.Added => "+" + change.Object!.Metadata.Name,
                ChangeKind.Modified => "~" + change.Object!.Metadata.Name,
                ChangeKind.Deleted => "-" + change.Object!.Metadata.Name,
                _ => "synced",
            }), _stop.Token);
        }

        public List<string> Problems { get; } = [];

        public ReflectorStatistics Statistics => _reflector.Statistics;

        public async Task<List<string>> Next(int count)
        {
            List<string> told = [];
            while (told.Count < count) told.Add(await _told.Reader.ReadAsync(_stop.Token));
            return told;
        }

        public async Task Until(Func<bool> condition)
        {
            while (!condition()) await Task.Delay(5, _stop.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _run);
            _client.Dispose();
            _stop.Dispose();
        }
    }
}
