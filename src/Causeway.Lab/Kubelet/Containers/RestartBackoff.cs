namespace Causeway.Lab.Kubelet.Containers;

/// <summary>How long a container that keeps ending waits for its next start: not at all after the first end,
/// then 10 s, doubling to 5 minutes; over again once it ran for 10 minutes.</summary>
public sealed class RestartBackoff
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Healthy = TimeSpan.FromMinutes(10);

    private TimeSpan _next = TimeSpan.Zero;

    /// <param name="ran">How long it ran before it ended.</param>
    public TimeSpan Next(TimeSpan ran)
    {
        if (ran >= Healthy) _next = TimeSpan.Zero;
        var pause = _next;
        _next = pause == TimeSpan.Zero ? Shortest : pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }
}
