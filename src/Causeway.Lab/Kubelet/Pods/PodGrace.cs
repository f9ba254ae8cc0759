namespace Causeway.Lab.Kubelet.Pods;

/// <summary>Grace periods, in seconds as the API has them: any number.</summary>
internal static class PodGrace
{
    private const long Default = 30;

    /// <summary>Nobody waits longer, and timers take no more than seven weeks.</summary>
    private const long Longest = 30 * 24 * 3600;

    /// <summary>A negative one is a second, as a kubelet has it; null is the default.</summary>
    public static TimeSpan Of(long? seconds) =>
        TimeSpan.FromSeconds(seconds switch { null => Default, < 0 => 1, var s => Math.Min(s.Value, Longest) });
}
