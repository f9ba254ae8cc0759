using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Services.Ipvs;

/// <summary>What the operator chooses for all services.</summary>
/// <param name="Scheduler">One of <see cref="Schedulers"/>.</param>
/// <param name="StrictArp">Answer ARP only on the device that has the address: what load balancers that announce
/// addresses themselves (MetalLB) want, since each node has every service's address.</param>
public sealed record IpvsSettings(string Scheduler = "rr", bool StrictArp = false)
{
    /// <summary>The device that carries the services' addresses.</summary>
    public const string Device = "kube-ipvs0";

    /// <summary>Marks the device as ours: the Kubernetes project's proxy uses the same name.</summary>
    public const string DeviceAlias = "causeway services";

    /// <summary>As the kernel names them.</summary>
    public static readonly IReadOnlyList<string> Schedulers =
        ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "dh", "sed", "nq", "mh", "fo", "ovf"];

    /// <summary>
    /// Conntrack sees the connections, so that they can be masqueraded; connections to a server that is gone, and
    /// the affinity to one that drains, end at once; a client's port that comes again is looked at anew.
    /// </summary>
    public IEnumerable<Sysctl> Sysctls()
    {
        yield return new("net/ipv4/vs/conntrack", "1");
        yield return new("net/ipv4/vs/conn_reuse_mode", "1");
        yield return new("net/ipv4/vs/expire_nodest_conn", "1");
        yield return new("net/ipv4/vs/expire_quiescent_template", "1");
        if (!StrictArp) yield break;
        yield return new("net/ipv4/conf/all/arp_ignore", "1");
        yield return new("net/ipv4/conf/all/arp_announce", "2");
    }

    /// <summary>mh tells the connections of one client apart by their port, else all go to one server.</summary>
    internal IpvsOptions Options(int affinitySeconds)
    {
        var flags = Scheduler == "mh" ? IpvsFlags.SourcePort : IpvsFlags.None;
        return affinitySeconds > 0
            ? new(Scheduler, flags | IpvsFlags.Persistent, (uint)affinitySeconds)
            : new(Scheduler, flags);
    }
}
