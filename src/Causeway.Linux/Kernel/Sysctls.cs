using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Linux.Kernel;

/// <summary>
/// The settings that decide over forwarding. The tree under /proc/sys/net shows the namespace of the thread
/// that looks, so everything here runs on a thread inside.
/// </summary>
internal static class Sysctls
{
    private static readonly string[] Global =
    [
        "net/ipv4/ip_forward", "net/ipv4/fib_multipath_hash_policy", "net/ipv4/ip_nonlocal_bind",
        "net/bridge/bridge-nf-call-iptables", "net/bridge/bridge-nf-call-ip6tables",
    ];

    private static readonly string[] PerDeviceV4 =
    [
        "forwarding", "proxy_arp", "rp_filter", "accept_local", "route_localnet", "arp_ignore",
        "ignore_routes_with_linkdown",
    ];

    private static readonly string[] PerDeviceV6 =
        ["forwarding", "proxy_ndp", "disable_ipv6", "accept_ra", "ignore_routes_with_linkdown"];

    /// <summary>The global settings, those of <c>all</c> and <c>default</c>, and those of each device. What
    /// this kernel does not have is left out.</summary>
    public static List<Sysctl> Read(IEnumerable<string> devices)
    {
        var settings = new List<Sysctl>();
        foreach (var path in Global) AddIfThere(settings, path);
        foreach (var device in devices.Prepend("default").Prepend("all"))
        {
            AddAll(settings, IpFamily.V4, device, PerDeviceV4);
            AddAll(settings, IpFamily.V6, device, PerDeviceV6);
            AddIfThere(settings, $"net/ipv4/neigh/{device}/proxy_delay");
        }
        return settings;
    }

    /// <summary>Writes a value. Throws <see cref="IOException"/> that names the setting.</summary>
    public static void Write(Sysctl setting)
    {
        if (setting.Path.Split('/').Contains(".."))
            throw new ArgumentException($"'{setting.Path}' leads out of the tree of settings", nameof(setting));
        // The kernel compares nothing itself: a write of the same value may still reset what hangs on it.
        if (SysctlFile.Read(setting.Path) != setting.Value) SysctlFile.Write(setting.Path, setting.Value);
    }

    private static void AddAll(List<Sysctl> settings, IpFamily family, string device, string[] names)
    {
        foreach (var name in names) AddIfThere(settings, $"net/{family.SysctlName}/conf/{device}/{name}");
    }

    private static void AddIfThere(List<Sysctl> settings, string path)
    {
        // Not in this kernel, or the device is gone meanwhile.
        if (SysctlFile.Read(path) is { } value) settings.Add(new Sysctl(path, value));
    }
}
