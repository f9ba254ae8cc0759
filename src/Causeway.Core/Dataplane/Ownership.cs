using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Dataplane;

/// <summary>
/// How what is ours is recognised in a kernel. Everything else is foreign and is never touched.
/// </summary>
public static class Ownership
{
    /// <summary>The rtnetlink protocol number of every route and neighbour entry that Causeway
    /// writes.</summary>
    public const byte RouteProtocol = 202;

    /// <summary>Devices: host ends of pods' veth pairs.</summary>
    public const string PodDevicePrefix = "cwp";

    /// <summary>The VXLAN device.</summary>
    public const string VxlanDevice = "cwvxlan";

    /// <summary>The one nftables table (family inet) that holds masquerading.</summary>
    public const string NftTableName = "causeway";

    /// <summary>The settings under net/ipv?/conf/DEVICE and of forwarding are set, never unset: others may
    /// rely on them.</summary>
    public static bool IsOurs(Entry entry) => entry switch
    {
        Link link => IsOurDevice(link.Name),
        LinkAddress address => address.Device == VxlanDevice && address.Scope != Scope.Link,
        Route route => route.Protocol == RouteProtocol,
        Rule rule => rule.Protocol == RouteProtocol,
        Neighbour neighbour => IsOurDevice(neighbour.Device)
            && (neighbour.Proxy || neighbour.State == NeighbourState.Permanent),
        FdbEntry fdb => fdb.Device == VxlanDevice && fdb.State.HasFlag(NeighbourState.Permanent),
        NftTable table => table.Name == NftTableName,
        _ => false,
    };

    public static bool IsOurDevice(string name) =>
        name == VxlanDevice || IsPodDevice(name);

    /// <summary>Whether this is the host end of a pod's interface, by its name.</summary>
    public static bool IsPodDevice(string name) => name.StartsWith(PodDevicePrefix, StringComparison.Ordinal);
}
