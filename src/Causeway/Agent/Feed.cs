using System.Diagnostics.CodeAnalysis;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;

namespace Causeway.Agent;

/// <summary>Follows kinds of objects in the API, and knows when all of them have been told once.</summary>
/// <param name="kinds">How many are followed.</param>
internal sealed class Feed(
    KubeClient client, string node, int kinds, AgentMetrics metrics, AgentLog log, TimeProvider time)
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _waiting = kinds;

    /// <summary>Ends when everything that the API held at the start has been told.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Follows one kind until cancelled.</summary>
    /// <param name="pass">Told each change, one at a time over all kinds.</param>
    [SuppressMessage("Security", "CA5394", Justification = "jitter, not a secret")]
    public async Task Follow<T>(KubeType<T> type, string? selector, Action<Change<T>> pass, CancellationToken cancel)
        where T : KubeObject
    {
        var options = new ReflectorOptions
        {
            LabelSelector = selector,
            OnProblem = problem =>
            {
                metrics.WatchErrors.Add();
                log.ApiProblem(problem);
            },
        };
        var seed = HashCode.Combine(node, type.Resource.Plural, selector);
        var reflector = new Reflector<T>(client, type, options, time, new Random(seed));
        await reflector.Run(
            change =>
            {
                lock (_gate) pass(change);
                if (change.Kind == ChangeKind.Synced)
                {
                    metrics.Relists.Add();
                    if (Interlocked.Decrement(ref _waiting) == 0) _synced.TrySetResult();
                }
                return ValueTask.CompletedTask;
            },
            cancel);
    }
}
