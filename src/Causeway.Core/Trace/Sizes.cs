namespace Causeway.Core.Trace;

/// <summary>
/// Whether a full-size packet passes where a small one does. Full-size is what both ends agree to: the smaller of
/// the sizes of the first and the last device (a TCP peer announces its own).
/// </summary>
internal static class Sizes
{
    public static Cause? TooSmall(Trail trail, Trail? back, bool reply)
    {
        var first = trail.Limits.FirstOrDefault(l => l.Leaving);
        var answerFirst = back?.Limits.FirstOrDefault(l => l.Leaving);
        if (first is null) return null;
        var size = Math.Min(first.Bytes, answerFirst?.Bytes ?? int.MaxValue);
        var tight = trail.Limits.Where(l => l.Bytes < size).MinBy(l => l.Bytes);
        if (tight is null) return null;
        return new(CauseCode.Mtu,
            $"{(reply ? "the reply: " : "")}{tight.Host.Title}: {tight.Device} passes packets up to {tight.Bytes} bytes, "
            + $"but the ends send up to {size}: small packets arrive, large ones get stuck",
            tight.Host.Node, tight.Evidence,
            Fix.Here(tight.Host, $"raise the MTU of {tight.Device} to the others', or lower the pods' to {tight.Bytes}"));
    }
}
