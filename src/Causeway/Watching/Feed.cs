using System.Diagnostics.CodeAnalysis;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;

namespace Causeway.Watching;

/// <summary>Whom a feed tells what happens to it.</summary>
/// <param name="Problem">Told in a line what went wrong, each time.</param>
/// <param name="Listed">Told when all objects of a kind have been told once.</param>
internal sealed record FeedListener(Action<string> Problem, Action Listed);

/// <summary>Follows kinds of objects in the API, and knows when all of them have been told once.</summary>
/// <param name="program">Who follows: makes its pauses differ from others'.</param>
/// <param name="kinds">How many are followed.</param>
internal sealed class Feed(KubeClient client, string program, int kinds, FeedListener listener, TimeProvider time)
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly List<ReflectorStatistics> _statistics = [];
    private readonly int _kinds = kinds;
    private int _waiting = kinds;

    /// <summary>Ends when everything that the API held at the start has been told.</summary>
    public Task Synced => _synced.Task;

    /// <summary>When the server last said anything of the kind that it has been silent of for the longest time; null
    /// before all have been told once.</summary>
    public DateTimeOffset? LastHeard
    {
        get
        {
            lock (_gate) return _statistics.Count < _kinds ? null : _statistics.Min(s => s.LastHeard);
        }
    }

    /// <summary>Follows one kind until cancelled.</summary>
    /// <param name="pass">Told each change, one at a time over all kinds.</param>
    /// <param name="ns">Null: all namespaces.</param>
    /// <param name="keep">What to remember of an object for the change that it ends with; null: all of it.</param>
    /// <param name="fresh">See <see cref="ReflectorOptions.Fresh"/>.</param>
    [SuppressMessage("Security", "CA5394", Justification = "jitter, not a secret")]
    public async Task Follow<T>(
        KubeType<T> type, string? selector, Action<Change<T>> pass, CancellationToken cancel, string? ns = null,
        Func<T, T>? keep = null, bool fresh = false) where T : KubeObject
    {
        var options = new ReflectorOptions
        {
            Namespace = ns,
            LabelSelector = selector,
            Fresh = fresh,
            OnProblem = listener.Problem,
        };
        var seed = HashCode.Combine(program, type.Resource.Plural, selector, ns);
        var reflector = new Reflector<T>(client, type, options, time, new Random(seed), keep);
        lock (_gate) _statistics.Add(reflector.Statistics);
        await reflector.Run(
            change =>
            {
                lock (_gate) pass(change);
                if (change.Kind == ChangeKind.Synced)
                {
                    listener.Listed();
                    if (Interlocked.Decrement(ref _waiting) == 0) _synced.TrySetResult();
                }
                return ValueTask.CompletedTask;
            },
            cancel);
    }
}
