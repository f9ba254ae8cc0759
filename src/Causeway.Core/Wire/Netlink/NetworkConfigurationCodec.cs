using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// News of settings under net/ipv?/conf: RTM_NEWNETCONF, NETCONFA_* (linux/netconf.h). The kernel tells of
/// these few alone; the ones read here are those that plans hold.
/// </summary>
public static class NetworkConfigurationCodec
{
    private const int BodyBytes = 4; // struct netconfmsg, padded
    private const int Index = 1;
    private const int Forwarding = 2;
    private const int ProxyNeighbours = 5;
    private const int All = -1; // NETCONFA_IFINDEX_ALL

    /// <summary>The settings of a message: none when it is about a device without a name here, as a new one's
    /// that is not announced yet, or about the default for those to come.</summary>
    public static IReadOnlyList<Sysctl> Read(ReadOnlySpan<byte> payload, DeviceNames names)
    {
        var attributes = NetlinkAttributes.After(payload, BodyBytes);
        if (Family.Read(payload[0]) is not { } family) return [];
        string? device = null;
        int? forwarding = null, proxy = null;
        foreach (var attribute in attributes)
        {
            if (attribute.Type == Index) device = DeviceOf(attribute.I32, names);
            else if (attribute.Type == Forwarding) forwarding = attribute.I32;
            else if (attribute.Type == ProxyNeighbours) proxy = attribute.I32;
        }
        if (device is null) return [];
        var settings = new List<Sysctl>(3);
        if (forwarding is { } f)
        {
            settings.Add(Setting(family, device, "forwarding", f));
            // One setting under two names.
            if (device == "all" && family == IpFamily.V4) settings.Add(new("net/ipv4/ip_forward", $"{f}"));
        }
        if (proxy is { } p) settings.Add(Setting(family, device, family == IpFamily.V4 ? "proxy_arp" : "proxy_ndp", p));
        return settings;
    }

    private static string? DeviceOf(int index, DeviceNames names) =>
        index == All ? "all" : names.Contains(index) ? names.NameOf(index) : null;

    private static Sysctl Setting(IpFamily family, string device, string name, int value) =>
        new($"net/{family.SysctlName}/conf/{device}/{name}", $"{value}");
}
