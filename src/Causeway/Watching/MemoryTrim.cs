namespace Causeway.Watching;

/// <summary>
/// Gives memory back that only the start, or a burst, needed. The collector lets garbage grow to the size of the
/// processor's cache before it looks; a program that idles on every node must not hold that much.
/// </summary>
internal static class MemoryTrim
{
    private const long WorthIt = 4 * 1024 * 1024;

    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>After the start and after each burst, until cancelled.</summary>
    /// <param name="started">Ends when the program has taken in what there is.</param>
    public static async Task RunAsync(Task started, TimeProvider time, CancellationToken cancel)
    {
        await OnceAsync(started, time, cancel);
        var before = GC.GetTotalMemory(forceFullCollection: false);
        while (true)
        {
            await Task.Delay(Interval, time, cancel);
            if (GC.GetTotalMemory(forceFullCollection: false) - before < WorthIt) continue;
            Collect();
            before = GC.GetTotalMemory(forceFullCollection: false);
        }
    }

    /// <summary>After the start alone: for a program whose clients would notice that it stands still later.</summary>
    public static async Task OnceAsync(Task started, TimeProvider time, CancellationToken cancel)
    {
        await started.WaitAsync(cancel);
        await Task.Delay(AfterStart, time, cancel);
        Collect();
    }

    private static void Collect() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
