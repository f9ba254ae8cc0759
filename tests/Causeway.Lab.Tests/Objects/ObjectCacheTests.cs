using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Objects;
using CsCheck;

namespace Causeway.Lab.Tests.Objects;

public sealed class ObjectCacheTests
{
    [Fact]
    public void An_answer_that_comes_after_the_objects_end_does_not_bring_it_back()
    {
        var cache = Empty();
        cache.Hear(Node("a", 1));
        cache.Told("1");
        // A write gives version 2, and the object is deleted before its answer has arrived.
        cache.Hear(Node("a", 2));
        cache.Told("2");
        cache.Forget(Node("a", 2));
        cache.Told("3");
        cache.Learn(Node("a", 2));
        Assert.Empty(cache.All);
    }

    [Fact]
    public void What_the_watch_went_past_without_a_word_is_gone()
    {
        var cache = Empty();
        List<string> changes = [];
        cache.OnChange((before, now) => changes.Add($"{before?.Metadata.Name}>{now?.Metadata.Name}"));
        cache.Learn(Node("a", 5));
        cache.Learn(Node("b", 6));
        // A watch that lost its place and listed anew at version 5, which does not hold it.
        cache.Told("5");
        Assert.Equal("b", Assert.Single(cache.All).Metadata.Name);
        Assert.Equal([">a", ">b", "a>"], changes);
    }

    [Fact]
    public void A_late_answer_about_a_predecessor_does_not_replace_its_successor()
    {
        var cache = Empty();
        cache.Hear(Node("a", 4, uid: "second"));
        cache.Learn(Node("a", 2, uid: "first"));
        Assert.Equal("second", Assert.Single(cache.All).Metadata.Uid);
    }

    [Fact]
    public void In_whatever_order_answers_and_the_watch_come_in_the_end_the_cache_is_what_the_server_has() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 99]).Array[0, 60].Sample(steps =>
        {
            var story = new Story(Empty());
            foreach (var (kind, choice) in steps) story.Step(kind, choice);
            story.End();
        });

    private static ObjectCache<NodeObject> Empty() => new(
        new KubeClient(new KubeAccess { Server = new("https://127.0.0.1:1") }, TimeProvider.System),
        KubeTypes.Of(ApiResources.Nodes, ObjectJson.Default.NodeObject));

    private static NodeObject Node(string name, int version, string uid = "uid") =>
        new() { Metadata = new() { Name = name, Uid = uid, ResourceVersion = $"{version}" } };

    /// <summary>A server's history, a watch that follows it, and answers to writes on their way.</summary>
    private sealed class Story
    {
        private readonly ObjectCache<NodeObject> _cache;
        private readonly Dictionary<string, NodeObject> _server = [];
        private readonly Dictionary<string, NodeObject> _watched = [];
        private readonly Dictionary<string, NodeObject> _followed = [];
        private readonly Queue<(NodeObject? Old, NodeObject? New, int Version)> _events = [];
        private readonly List<NodeObject> _answers = [];
        private int _version;

        public Story(ObjectCache<NodeObject> cache)
        {
            _cache = cache;
            cache.OnChange((before, now) =>
            {
                if (now is not null) _followed[now.Metadata.Name] = now;
                else _followed.Remove(before!.Metadata.Name);
            });
        }

        public void Step(int kind, int choice)
        {
            var name = "abc"[choice % 3].ToString();
            if (kind == 0) _answers.Add(Write(name));
            else if (kind == 1) Write(name);
            else if (kind == 2) Delete(name);
            else if (kind == 3) Tell();
            else if (kind == 4 && choice < 90) Answer(choice);
            else if (kind == 5 && choice < 20) List();
        }

        public void End()
        {
            while (_answers.Count > 0 || _events.Count > 0)
            {
                Answer(_version);
                Tell();
            }
            Assert.Equal(Text(_server.Values), Text(_cache.All));
            Assert.Equal(Text(_server.Values), Text(_followed.Values));
        }

        private NodeObject Write(string name)
        {
            var old = _server.GetValueOrDefault(name);
            var made = Node(name, ++_version, old?.Metadata.Uid ?? $"uid{_version}");
            _events.Enqueue((old, _server[name] = made, _version));
            return made;
        }

        private void Delete(string name)
        {
            if (_server.Remove(name, out var old)) _events.Enqueue((old, null, ++_version));
        }

        private void Tell()
        {
            if (!_events.TryDequeue(out var told)) return;
            Watch(told.Old, told.New);
            _cache.Told($"{told.Version}");
        }

        private void Answer(int choice)
        {
            if (_answers.Count == 0) return;
            _cache.Learn(_answers[choice % _answers.Count]);
            _answers.RemoveAt(choice % _answers.Count);
        }

        /// <summary>The watch has lost its place: it tells the differences alone.</summary>
        private void List()
        {
            _events.Clear();
            foreach (var gone in _watched.Values.Where(w => !_server.ContainsKey(w.Metadata.Name)).ToList()) Watch(gone, null);
            foreach (var there in _server.Values)
            {
                var known = _watched.GetValueOrDefault(there.Metadata.Name);
                if (known is not null && known.Metadata.Uid != there.Metadata.Uid) Watch(known, null);
                if (known != there) Watch(known, there);
            }
            _cache.Told($"{_version}");
        }

        private void Watch(NodeObject? old, NodeObject? now)
        {
            if (now is not null) _cache.Hear(_watched[now.Metadata.Name] = now);
            else if (_watched.Remove(old!.Metadata.Name, out var last)) _cache.Forget(last);
        }

        private static IEnumerable<string> Text(IEnumerable<NodeObject> nodes) =>
            nodes.Select(n => $"{n.Metadata.Name} {n.Metadata.Uid} {n.Metadata.ResourceVersion}").Order(StringComparer.Ordinal);
    }
}
