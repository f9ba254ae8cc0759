namespace Causeway.Agent;

/// <summary>
/// Gives memory back that only the start, or a burst, needed. The collector lets garbage grow to the size of the
/// processor's cache before it looks; an agent that idles on every node must not hold that much.
/// </summary>
internal static class MemoryTrim
{
    private const long WorthIt = 4 * 1024 * 1024;

    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>Runs until cancelled.</summary>
    /// <param name="started">Ends when the agent has taken in what there is.</param>
    public static async Task RunAsync(Task started, TimeProvider time, CancellationToken cancel)
    {
        await started.WaitAsync(cancel);
        var before = 0L;
        for (var pause = AfterStart; ; pause = Interval)
        {
            await Task.Delay(pause, time, cancel);
            if (GC.GetTotalMemory(forceFullCollection: false) - before < WorthIt) continue;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            before = GC.GetTotalMemory(forceFullCollection: false);
        }
    }
}
