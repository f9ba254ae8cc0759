using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Linux.Kernel;

/// <summary>
/// Filters on devices, which this model does not read: XDP programs, and traffic control at the entry and exit.
/// A <c>u32</c> filter is passed over: the bandwidth plugin uses it to lead packets through a shaping device.
/// </summary>
internal static class DeviceFilters
{
    private const string Shaping = "u32";

    public static IEnumerable<UnknownState> Read(KernelDriver driver, IReadOnlyList<Link> links)
    {
        foreach (var link in links.Where(l => l.Xdp))
            yield return new UnknownState($"xdp {link.Name}", $"an XDP program is attached to {link.Name}");
        var queues = driver.Socket.Dump(
            "cannot list queues", TrafficControlCodec.WriteQueueDump, TrafficControlCodec.Read);
        foreach (var queue in queues.Where(q => q.Kind is "clsact" or "ingress"))
        {
            var kinds = Filters(driver, queue).Where(k => k != Shaping).Distinct().ToList();
            var name = driver.Names.NameOf(queue.DeviceIndex);
            if (kinds.Count > 0)
                yield return new UnknownState($"tc {name}", $"filters on {name} are not read: {string.Join(", ", kinds)}");
        }
    }

    private static List<string> Filters(KernelDriver driver, TrafficControl queue)
    {
        uint[] points = queue.Kind == "clsact"
            ? [TrafficControlCodec.Ingress, TrafficControlCodec.Egress]
            : [TrafficControlCodec.Ingress];
        var kinds = new List<string>();
        foreach (var point in points)
        {
            var filters = driver.Socket.Dump(
                "cannot list filters", w => TrafficControlCodec.WriteFilterDump(w, queue.DeviceIndex, point),
                TrafficControlCodec.Read);
            kinds.AddRange(filters.Select(f => f.Kind));
        }
        return kinds;
    }
}
