using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.Tests.ApiServer.Store;

public sealed class ObjectStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("causeway-store-");

    private string File => Path.Combine(_folder.FullName, "store.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_written_is_there_after_reopening_at_the_same_revision()
    {
        long revision;
        using (var store = new ObjectStore(File))
        {
            await store.WriteAsync(Key("a"), 0, Document("a", "1"));
            var b = await store.WriteAsync(Key("b"), 0, Document("b", "1"));
            await store.WriteAsync(Key("b"), b.Object!.Revision, null);
            revision = store.State.Revision;
        }
        using var again = new ObjectStore(File);
        Assert.Equal(revision, again.State.Revision);
        var only = Assert.Single(again.State["things"].List(null));
        Assert.Equal("1", (string?)only.Parse()["value"]);
        Assert.Equal(only.Revision.ToString(), (string?)only.Parse()["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task A_write_against_an_old_revision_changes_nothing()
    {
        using var store = new ObjectStore(File);
        var first = (await store.WriteAsync(Key("a"), 0, Document("a", "1"))).Object!;
        await store.WriteAsync(Key("a"), first.Revision, Document("a", "2"));
        var stale = await store.WriteAsync(Key("a"), first.Revision, Document("a", "3"));
        Assert.Equal(WriteStatus.Conflict, stale.Status);
        Assert.Equal("2", (string?)store.State.Find(Key("a"))!.Parse()["value"]);
        Assert.Equal(WriteStatus.Conflict, (await store.WriteAsync(Key("a"), 0, Document("a", "4"))).Status);
    }

    [Fact]
    public async Task Of_many_writers_at_once_one_wins_each_revision()
    {
        using var store = new ObjectStore(File);
        await store.WriteAsync(Key("n"), 0, Document("n", "0"));
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 50;)
            {
                var now = store.State.Find(Key("n"))!;
                var next = (int.Parse((string)now.Parse()["value"]!) + 1).ToString();
                if ((await store.WriteAsync(Key("n"), now.Revision, Document("n",
                    next))).Status == WriteStatus.Written)
                    done++;
            }
        })));
        Assert.Equal("800", (string?)store.State.Find(Key("n"))!.Parse()["value"]);
    }

    [Fact]
    public async Task Subscribers_see_every_write_once_and_in_order_also_from_before()
    {
        using var store = new ObjectStore(File);
        var start = store.State.Revision;
        for (var i = 0; i < 10; i++) await store.WriteAsync(Key($"x{i}"), 0, Document($"x{i}", "1"));
        using var subscription = store.Subscribe("things", start)!;
        for (var i = 10; i < 20; i++) await store.WriteAsync(Key($"x{i}"), 0, Document($"x{i}", "1"));
        List<string> names = [];
        while (subscription.Notices.TryRead(out var notice)) names.Add(notice.Event!.Key.Name);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"x{i}"), names);
        Assert.Null(store.Subscribe("things", start - 1));
        Assert.Null(store.Subscribe("things", store.State.Revision + 1));
    }

    [Fact]
    public async Task An_earlier_moment_can_be_read_again()
    {
        using var store = new ObjectStore(File);
        await store.WriteAsync(Key("a"), 0, Document("a", "1"));
        var then = (await store.WriteAsync(Key("b"), 0, Document("b", "1"))).Object!.Revision;
        var a = store.State.Find(Key("a"))!;
        await store.WriteAsync(Key("a"), a.Revision, Document("a", "2"));
        await store.WriteAsync(Key("b"), then, null);
        await store.WriteAsync(Key("c"), 0, Document("c", "1"));
        var past = store.At("things", then)!;
        Assert.Equal(["a:1", "b:1"], past.List(null).Select(o => $"{o.Key.Name}:{o.Parse()["value"]}"));
        Assert.Equal(["a:2", "c:1"], store.State["things"].List(null).Select(o => $"{o.Key.Name}:{o.Parse()["value"]}"));
    }

    [Fact]
    public async Task A_full_disk_refuses_writes_says_so_and_goes_on_reading()
    {
        using var store = new ObjectStore(File, limit: 128 << 10);
        var big = new string('x', 40_000);
        WriteResult result = default;
        var count = 0;
        while (count < 100 && (result = await store.WriteAsync(Key($"x{count}"), 0, Document($"x{count}",
            big))).Status
            == WriteStatus.Written) count++;
        Assert.Equal(WriteStatus.Full, result.Status);
        Assert.Contains(File, result.Message);
        Assert.Equal(count, store.State["things"].Count);
        var first = store.State.Find(Key("x0"))!;
        Assert.Equal(WriteStatus.Written, (await store.WriteAsync(Key("x0"), first.Revision, null)).Status);
        Assert.Equal(WriteStatus.Written, (await store.WriteAsync(Key("y"), 0, Document("y", "1"))).Status);
    }

    [Fact]
    public async Task A_second_server_is_refused_the_file()
    {
        using var store = new ObjectStore(File);
        var refusal = Assert.Throws<Causeway.Core.InputException>(() => new ObjectStore(File));
        Assert.Contains("another API server", refusal.Message);
    }

    [Fact]
    public async Task A_file_that_is_no_store_is_named()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('?', 8192));
        Assert.Contains(File, Assert.Throws<Causeway.Core.InputException>(() => new ObjectStore(File)).Message);
        Assert.Contains("folder", Assert.Throws<Causeway.Core.InputException>(
            () => new ObjectStore(Path.Combine(_folder.FullName, "absent", "s.db"))).Message);
    }

    private static ObjectKey Key(string name) => new("things", "", name);

    private static ObjectDocument Document(string name, string value) => ObjectDocument.Of(new JsonObject
    {
        ["value"] = value, ["kind"] = "Thing", ["metadata"] = new JsonObject { ["name"] = name },
            ["apiVersion"] = "v1",
    });
}
