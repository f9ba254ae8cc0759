namespace Causeway.Kubernetes.Watching;

/// <summary>
/// Exponential pauses with jitter: the n-th is drawn evenly from the upper half of <c>min(longest, shortest *
/// 2^n)</c>, so that many clients do not come back in step.
/// </summary>
internal sealed class Backoff(TimeSpan shortest, TimeSpan longest, Random random)
{
    private int _failures;

    public TimeSpan Next()
    {
        var full = Math.Min(longest.TotalMilliseconds, shortest.TotalMilliseconds * Math.Pow(2, _failures));
        if (full < longest.TotalMilliseconds) _failures++;
        return TimeSpan.FromMilliseconds(full / 2 + full / 2 * random.NextDouble());
    }

    public void Reset() => _failures = 0;
}
