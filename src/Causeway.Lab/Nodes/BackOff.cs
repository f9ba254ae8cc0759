namespace Causeway.Lab.Nodes;

/// <summary>How long to wait before a process that ended is started again: doubling, forgiven after a good run.</summary>
public sealed class BackOff
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>A run this long was a good one.</summary>
    public static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(10);

    private TimeSpan _next = First;

    /// <param name="ran">How long the run that just ended lasted.</param>
    public TimeSpan After(TimeSpan ran)
    {
        if (ran >= GoodRun) _next = First;
        var wait = _next;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return wait;
    }
}
