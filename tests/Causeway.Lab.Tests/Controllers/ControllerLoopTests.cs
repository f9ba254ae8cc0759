using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Controllers;
using Causeway.Lab.Events;

namespace Causeway.Lab.Tests.Controllers;

public sealed class ControllerLoopTests
{
    [Fact]
    public async Task An_object_that_nobody_thought_of_keeps_no_other_waiting_and_is_looked_at_again()
    {
        using var client = new KubeClient(new KubeAccess { Server = new("https://127.0.0.1:1") }, TimeProvider.System);
        var events = new EventRecorder(client, "test", TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var (bad, good) = (0, new TaskCompletionSource());
        var problems = 0;
        var loop = new ControllerLoop(
            "test", new(TimeProvider.System), new(client, new(client), events),
            (key, _) =>
            {
                if (key != "good") throw new InvalidOperationException($"{key}, {Interlocked.Increment(ref bad)} times");
                // All workers have met the others by now, more than once.
                if (Volatile.Read(ref bad) > 10) good.TrySetResult();
                return new(new Reconciliation([], TimeSpan.FromMilliseconds(10)));
            },
            _ => Interlocked.Increment(ref problems));
        var running = loop.RunAsync(end.Token);
        foreach (var key in (string[])["a", "b", "c", "d", "good"]) loop.Queue.Add(key);
        await good.Task.WaitAsync(TimeSpan.FromSeconds(60), end.Token);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(problems > 10);
    }
}
