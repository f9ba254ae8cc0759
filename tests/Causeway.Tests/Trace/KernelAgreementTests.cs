using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;

namespace Causeway.Tests.Trace;

/// <summary>
/// The trace and the kernel judge each other: each fault is put into real namespaces, then a real ping and the trace of
/// what was captured must agree, and the cause must name the hop on its node.
/// </summary>
public sealed class KernelAgreementTests
{
    private const string Healthy = "";

    /// <summary>A fault: where, the command ($A and $B are the pods' devices on their nodes), and what to name.</summary>
    public static TheoryData<Encapsulation, string, string, CauseCode?, string> Faults() => new()
    {
        { Encapsulation.Vxlan, "n1", Healthy, null, "" },
        { Encapsulation.None, "n1", Healthy, null, "" },
        { Encapsulation.Vxlan, "n1", "ip route del 10.244.2.0/26; ip -6 route del fd10::2:0/122", CauseCode.RouteMissing, "n1" },
        { Encapsulation.None, "n1", "ip route del 10.244.2.0/26; ip -6 route del fd10::2:0/122", CauseCode.RouteMissing, "n1" },
        { Encapsulation.Vxlan, "n2", "ip route del 10.244.1.0/26; ip -6 route del fd10::1:0/122", CauseCode.RouteMissing, "n2" },
        { Encapsulation.Vxlan, "n1", "ip link set $A down", CauseCode.DeviceDown, "n1" },
        { Encapsulation.Vxlan, "n2", "ip link set $B down", CauseCode.DeviceDown, "n2" },
        { Encapsulation.Vxlan, "a", "ip link set eth0 down", CauseCode.DeviceDown, "n1" },
        { Encapsulation.Vxlan, "b", "ip link set eth0 down", CauseCode.DeviceDown, "n2" },
        { Encapsulation.Vxlan, "n1", "ip link set cwvxlan down", CauseCode.DeviceDown, "n1" },
        { Encapsulation.Vxlan, "n2", "ip link set cwvxlan down", CauseCode.DeviceDown, "n2" },
        { Encapsulation.Vxlan, "n1", "ip link del cwvxlan", CauseCode.DeviceMissing, "n1" },
        { Encapsulation.Vxlan, "n2", "ip link set eth0 down", CauseCode.DeviceDown, "n2" },
        { Encapsulation.None, "n2", "ip link set eth0 down", CauseCode.DeviceDown, "n2" },
        { Encapsulation.Vxlan, "fabric", "ip link set n1 down", CauseCode.DeviceDown, "fabric" },
        {
            Encapsulation.Vxlan, "n1",
            "bridge fdb del $(bridge fdb show dev cwvxlan | cut -d' ' -f1) dev cwvxlan dst 192.168.7.2 self",
            CauseCode.FdbMissing, "n1"
        },
        {
            Encapsulation.Vxlan, "n1", "ip neigh del 10.244.2.0 dev cwvxlan; ip neigh del fd10::2:0 dev cwvxlan",
            CauseCode.NeighbourMissing, "n1"
        },
        {
            Encapsulation.Vxlan, "n1", "ip neigh replace 10.244.2.0 lladdr 02:00:00:00:00:99 dev cwvxlan nud permanent; "
                + "ip neigh replace fd10::2:0 lladdr 02:00:00:00:00:99 dev cwvxlan nud permanent",
            CauseCode.NeighbourWrong, "n1"
        },
        {
            Encapsulation.None, "n1", "ip neigh replace 192.168.7.2 lladdr 02:00:00:00:00:99 dev eth0 nud permanent; "
                + "ip neigh replace fd00:7::2 lladdr 02:00:00:00:00:99 dev eth0 nud permanent",
            CauseCode.NeighbourWrong, "n1"
        },
        {
            Encapsulation.Vxlan, "n1", "echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding",
            CauseCode.ForwardingOff, "n1"
        },
        {
            Encapsulation.None, "n2", "echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding",
            CauseCode.ForwardingOff, "n2"
        },
        { Encapsulation.Vxlan, "n2", "ip route del 10.244.2.5; ip -6 route del fd10::2:5", CauseCode.RouteMissing, "n2" },
        { Encapsulation.Vxlan, "b", "ip addr flush dev eth0 scope global", CauseCode.AddressMissing, "n2" },
        { Encapsulation.Vxlan, "b", "ip route del default; ip -6 route del default", CauseCode.RouteMissing, "n2" },
        {
            Encapsulation.Vxlan, "n1", "ip route add 10.244.2.5 via 192.168.7.254; ip -6 route add fd10::2:5 via fd00:7::fe",
            CauseCode.RouteOverridden, "n1"
        },
        {
            Encapsulation.Vxlan, "n1", "ip rule add to 10.244.2.0/24 prohibit; ip -6 rule add to fd10::2:0/112 prohibit",
            CauseCode.RouteProhibit, "n1"
        },
        {
            Encapsulation.Vxlan, "n2",
            "nft 'add table inet t; add chain inet t f { type filter hook forward priority 0; }; add rule inet t f oifname \"$B\" drop'",
            CauseCode.RuleDrop, "n2"
        },
        {
            Encapsulation.Vxlan, "n2",
            "nft 'add table inet t; add chain inet t f { type filter hook forward priority 0; policy drop; }; "
                + "add rule inet t f ct state established accept; add rule inet t f oifname \"cwp*\" accept'",
            null, ""
        },
        {
            Encapsulation.Vxlan, "n1",
            "nft 'add table inet t; add chain inet t o { type filter hook output priority 0; }; add rule inet t o udp dport 4789 drop'",
            CauseCode.RuleDrop, "n1"
        },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Ping_and_trace_agree(
        Encapsulation encapsulation, string place, string fault, CauseCode? code, string node)
    {
        using var cluster = new KernelCluster(encapsulation);
        var command = fault.Replace("$A", cluster.HostDevice(KernelCluster.A))
            .Replace("$B", cluster.HostDevice(KernelCluster.B));
        if (command.Length > 0) cluster.Run(place, command);
        // At once: most of the time goes into waiting for answers that do not come.
        Parallel.ForEach([IpFamily.V4, IpFamily.V6], family =>
        {
            var target = KernelCluster.Address(KernelCluster.B, family);
            var result = cluster.Trace(KernelCluster.A, target);
            Agree(cluster, KernelCluster.A, target, result);
            Assert.True(result.Cause?.Code == code, $"{family}: {TraceJson.Of(result)}");
            if (code is not null) Assert.Equal(node, result.Cause!.Node);
            if (fault == Healthy) Assert.Empty(result.Notes);
        });
    }

    [Theory]
    [InlineData(Encapsulation.Vxlan)]
    [InlineData(Encapsulation.None)]
    public void Every_kind_of_target_agrees(Encapsulation encapsulation)
    {
        using var cluster = new KernelCluster(encapsulation);
        foreach (var target in new[] { "192.168.7.1", "192.168.7.2", "203.0.113.9", "fd00:7::1", "fd00:7::2", "fd99::9" })
            Agree(cluster, KernelCluster.A, target, cluster.Trace(KernelCluster.A, target));
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
            foreach (var pod in new[] { KernelCluster.A, KernelCluster.B })
            {
                var target = KernelCluster.Address(pod, family);
                Agree(cluster, "n1", target, cluster.Trace("n1", target));
            }
        cluster.Run("n1", "nft delete table inet causeway");
        var outside = cluster.Trace(KernelCluster.A, "203.0.113.9");
        Agree(cluster, KernelCluster.A, "203.0.113.9", outside);
        Assert.Equal(CauseCode.RuleMissing, outside.Cause?.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Reverse_path_filters_agree(int mode)
    {
        using var cluster = new KernelCluster(Encapsulation.Vxlan);
        var target = KernelCluster.Address(KernelCluster.B, IpFamily.V4);
        var device = cluster.HostDevice(KernelCluster.A);
        cluster.Run("n1", $"echo {mode} > /proc/sys/net/ipv4/conf/{device}/rp_filter");
        cluster.Run("n2", $"echo {mode} > /proc/sys/net/ipv4/conf/cwvxlan/rp_filter");
        Agree(cluster, KernelCluster.A, target, cluster.Trace(KernelCluster.A, target));
        cluster.Run("n1", "ip rule add to 10.244.1.5 table 77; ip route add default via 192.168.7.254 table 77");
        Agree(cluster, KernelCluster.A, target, cluster.Trace(KernelCluster.A, target));
    }

    [Fact]
    public void Proxies_agree()
    {
        using var cluster = new KernelCluster(Encapsulation.Vxlan);
        var device = cluster.HostDevice(KernelCluster.A);
        var target = KernelCluster.Address(KernelCluster.B, IpFamily.V4);
        cluster.Run(KernelCluster.A, "ip neigh flush all nud permanent; ip neigh flush all");
        Agree(cluster, KernelCluster.A, target, cluster.Trace(KernelCluster.A, target));
        cluster.Run("n1", $"echo 0 > /proc/sys/net/ipv4/conf/{device}/proxy_arp");
        cluster.Run(KernelCluster.A, "ip neigh flush all");
        var off = cluster.Trace(KernelCluster.A, target);
        Agree(cluster, KernelCluster.A, target, off);
        Assert.Equal(CauseCode.ProxyOff, off.Cause?.Code);
    }

    [Fact]
    public void A_small_mtu_lets_small_packets_pass_alone()
    {
        using var cluster = new KernelCluster(Encapsulation.None);
        cluster.Run("n2", "ip link set eth0 mtu 1400");
        var target = KernelCluster.Address(KernelCluster.B, IpFamily.V4);
        var result = cluster.Trace(KernelCluster.A, target);
        Assert.Equal(Verdict.Partial, result.Verdict);
        Assert.Equal(("n2", CauseCode.Mtu), (result.Cause!.Node, result.Cause.Code));
        Assert.True(Answers(cluster, KernelCluster.A, $"-c 1 -W 10 {target}"));
        Assert.False(Answers(cluster, KernelCluster.A, $"-c 2 -i 0.2 -W 1 -M do -s 1472 {target}"));
    }

    private static void Agree(KernelCluster cluster, string from, string target, TraceResult result)
    {
        Assert.NotEqual(Verdict.Unknown, result.Verdict);
        var reachable = result.Verdict == Verdict.Reachable;
        // An answer is awaited for long; that none comes is seen soon.
        var count = reachable ? "-c 1 -W 20" : "-c 2 -i 0.2 -W 1";
        Assert.True(Answers(cluster, from, $"{count} {target}") == reachable,
            $"{from} to {target}: the trace says {TraceJson.Of(result)}");
    }

    private static bool Answers(KernelCluster cluster, string from, string ping) =>
        cluster.Try(from, "ping -n -q " + ping).Succeeded;
}
