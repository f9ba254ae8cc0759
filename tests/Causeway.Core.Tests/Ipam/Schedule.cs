using Causeway.Core.Ipam;

namespace Causeway.Core.Tests.Ipam;

/// <summary>
/// Runs several nodes over one store so that the seed alone decides who goes next: every store call waits
/// until every node is either at a call or done, and then one is let through.
/// </summary>
internal sealed class Schedule
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly AsyncLocal<string> _node = new();
    private readonly object _lock = new();
    private readonly SortedDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _alive = new(StringComparer.Ordinal);
    private readonly Random _random;
    private int _crashCalls;

    public Schedule(int seed)
    {
        _random = new Random(seed);
        Store.Before = async (_, _) =>
        {
            var node = _node.Value!;
            if (!AnswerLost) CrashIfDue(node);
            await Turn(node);
            return StoreOutcome.Done;
        };
        Store.After = (_, _) =>
        {
            if (AnswerLost) CrashIfDue(_node.Value!);
            return default;
        };
    }

    public FakeIpamStore Store { get; } = new();

    /// <summary>This node dies at its <see cref="CrashAt"/>-th call.</summary>
    public string? CrashNode { get; set; }

    public int CrashAt { get; init; }

    /// <summary>The node dies after the store has done the call; else before.</summary>
    public bool AnswerLost { get; init; }

    /// <summary>Runs every node to its end, and returns what those that did not crash returned.</summary>
    public List<string> Run(params IEnumerable<(string Node, Func<Task<List<string>>> Life)> nodes)
    {
        var all = nodes.ToList();
        lock (_lock) _alive.UnionWith(all.Select(n => n.Node));
        var lives = all.Select(n => Task.Run(() => Live(n.Node, n.Life))).ToList();
        while (Next() is { } turn) turn.SetResult();
        Assert.True(Task.WhenAll(lives).Wait(Deadline));
        return [.. lives.SelectMany(l => l.Result)];
    }

    private async Task<List<string>> Live(string node, Func<Task<List<string>>> life)
    {
        _node.Value = node;
        try
        {
            return await life();
        }
        catch (IOException) when (node == CrashNode)
        {
            return [];
        }
        finally
        {
            lock (_lock)
            {
                _alive.Remove(node);
                Monitor.Pulse(_lock);
            }
        }
    }

    private async Task Turn(string node)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Add(node, turn);
            Monitor.Pulse(_lock);
        }
        await turn.Task;
    }

    private TaskCompletionSource? Next()
    {
        lock (_lock)
        {
            while (_waiting.Count < _alive.Count)
                Assert.True(Monitor.Wait(_lock, Deadline), "a node is neither at a call nor done");
            if (_waiting.Count == 0) return null;
            var (node, turn) = _waiting.ElementAt(_random.Next(_waiting.Count));
            _waiting.Remove(node);
            return turn;
        }
    }

    private void CrashIfDue(string node)
    {
        // Once dead, it stays so.
        if (node == CrashNode && Interlocked.Increment(ref _crashCalls) > CrashAt)
            throw new IOException("the node died");
    }
}
