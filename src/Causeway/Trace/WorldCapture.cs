using System.Collections.Concurrent;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Trace;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;

namespace Causeway.Trace;

/// <summary>A network namespace to read.</summary>
/// <param name="Path">Of the namespace; <see cref="NetworkNamespace.Current"/> is this process's own.</param>
internal sealed record CapturePlace(string Name, HostKind Kind, string Path);

/// <summary>Reads kernels into hosts of a world.</summary>
internal static class WorldCapture
{
    /// <summary>Every place that is there, in parallel, in order of name. Throws <see cref="IOException"/> or
    /// <see cref="SystemCallException"/> when a kernel cannot be read.</summary>
    /// <param name="planOf">What a node should hold, by its name.</param>
    public static IReadOnlyList<Host> Hosts(
        IReadOnlyList<CapturePlace> places, Func<string, DataplaneState> planOf)
    {
        var captured = new ConcurrentBag<Host>();
        Parallel.ForEach(places, place =>
        {
            using var driver = KernelDriver.Open(place.Path);
            captured.Add(new()
            {
                Name = place.Name, Kind = place.Kind, State = driver.Capture(),
                Namespaces = Numbers(driver, place, places),
                Plan = place.Kind == HostKind.Node ? planOf(place.Name) : DataplaneState.Empty,
            });
        });
        return [.. captured.OrderBy(h => h.Name, StringComparer.Ordinal)];
    }

    /// <summary>One pod by its record. A namespace that is gone gives a pod without a device.</summary>
    public static Host Pod(string name, EndpointRecord record)
    {
        var attachment = EndpointFiles.AttachmentOf(record);
        DataplaneState state;
        try
        {
            using var driver = KernelDriver.Open(record.Netns);
            state = driver.Capture();
        }
        catch (SystemCallException)
        {
            state = DataplaneState.Empty;
        }
        return new()
        {
            Name = name, Kind = HostKind.Pod, Attachment = attachment, State = state,
            Plan = PodPlan.Compute(attachment, null, PlannedWorld.OriginOf(name)),
        };
    }

    // No wire runs from node to node: between them is always the fabric.
    private static Dictionary<int, string> Numbers(
        KernelDriver driver, CapturePlace place, IEnumerable<CapturePlace> places)
    {
        var numbers = new Dictionary<int, string>();
        foreach (var other in places.Where(p => p != place))
        {
            if (other.Kind == HostKind.Node && place.Kind == HostKind.Node) continue;
            using var handle = NetworkNamespace.Open(other.Path);
            if (driver.NamespaceId(handle) is { } number and >= 0) numbers[number] = other.Name;
        }
        return numbers;
    }
}
