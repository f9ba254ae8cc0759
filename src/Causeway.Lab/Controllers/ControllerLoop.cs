using System.Diagnostics;
using Causeway.Kubernetes;

namespace Causeway.Lab.Controllers;

/// <summary>The loop that all controllers share: take a key, ask what to do, do it.</summary>
/// <param name="reconcile">A pure function of the caches; for a key that no longer exists it asks for
/// nothing.</param>
internal sealed class ControllerLoop(
    string name, WorkQueue queue, WriteExecutor executor,
    Func<string, CancellationToken, ValueTask<Reconciliation>> reconcile,
    Action<string>? onProblem)
{
    private const int Workers = 2;

    // A controller works at most a fifth of the time on one key.
    private const int RestPerWork = 4;

    public WorkQueue Queue => queue;

    public Task RunAsync(CancellationToken cancel) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(cancel), cancel)));

    private async Task WorkAsync(CancellationToken cancel)
    {
        while (true)
        {
            var key = await queue.TakeAsync(cancel);
            var begun = Stopwatch.GetTimestamp();
            var failed = false;
            try
            {
                var todo = await reconcile(key, cancel);
                await executor.ExecuteAsync(todo.Writes, cancel);
                if (todo.After is { } after) queue.AddAfter(key, after, cancel);
            }
            catch (KubeException e)
            {
                failed = true;
                // A conflict means that something newer is on its way: no news.
                if (!e.IsConflict) onProblem?.Invoke($"{name} {key}: {e.Message}");
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                // One object that nobody thought of must not keep all others of its kind waiting.
                failed = true;
                onProblem?.Invoke($"{name} {key}: {e}");
            }
            queue.Done(key, failed, cancel, RestPerWork * Stopwatch.GetElapsedTime(begun));
        }
    }
}
