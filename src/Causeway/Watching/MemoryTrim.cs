namespace Causeway.Watching;

/// <summary>
/// Gives memory back that only the start, or a burst, needed. The collector lets garbage grow to the size of the
/// processor's cache before it looks, and keeps what it once had; a program that idles on every node must not hold that
/// much.
/// </summary>
internal static class MemoryTrim
{
    private const long WorthIt = 8 * 1024 * 1024;

    // A program that made so much garbage meanwhile is at work: standing still would be noticed.
    private const int Busy = 2;

    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    /// <summary>After the start and after each burst, until cancelled.</summary>
    /// <param name="started">Ends when the program has taken in what there is.</param>
    public static async Task RunAsync(Task started, TimeProvider time, CancellationToken cancel)
    {
        await OnceAsync(started, time, cancel);
        var (kept, collections) = (Held(), GC.CollectionCount(0));
        while (true)
        {
            await Task.Delay(Interval, time, cancel);
            var busy = GC.CollectionCount(0) - collections >= Busy;
            collections = GC.CollectionCount(0);
            if (busy || Held() - kept < WorthIt) continue;
            Collect();
            (kept, collections) = (Held(), GC.CollectionCount(0));
        }
    }

    /// <summary>After the start alone: for a program whose clients would notice that it stands still later.</summary>
    public static async Task OnceAsync(Task started, TimeProvider time, CancellationToken cancel)
    {
        await started.WaitAsync(cancel);
        await Task.Delay(AfterStart, time, cancel);
        Collect();
    }

    // What the collector has of the machine, as of its last look, and what was taken since.
    private static long Held()
    {
        var info = GC.GetGCMemoryInfo();
        return Math.Max(info.TotalCommittedBytes, GC.GetTotalMemory(forceFullCollection: false));
    }

    private static void Collect() =>
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
