namespace Causeway.Core.Dataplane;

/// <summary>The fewest operations from one dataplane to another.</summary>
public static class DataplaneDiff
{
    /// <summary>Operations in the order in which they are to be applied. Foreign entries are never touched.</summary>
    public static IReadOnlyList<Operation> Compute(DataplaneState planned, DataplaneState observed)
    {
        var tracker = new DeltaTracker();
        foreach (var entry in planned.Entries) tracker.SetDesired(entry.Key, entry);
        foreach (var entry in observed.Entries) tracker.SetActual(entry.Key, entry);
        return tracker.Pending();
    }
}
