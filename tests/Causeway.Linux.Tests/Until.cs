namespace Causeway.Linux.Tests;

/// <summary>Awaits conditions that the kernel brings about in its own time.</summary>
internal static class Until
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task True(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(Deadline);
        while (!condition()) await Task.Delay(5, timeout.Token);
    }
}
