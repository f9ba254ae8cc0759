using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Core.Trace;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Tests.Trace;

/// <summary>
/// Random rules of iptables on a node: the trace says whether a connection comes about, the kernel tries it. A case that
/// fails prints its rules.
/// </summary>
public sealed class KernelRulesetTests
{
    private const string Vip = "10.96.0.20";

    // An answer is awaited for long; that none comes is seen soon.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(0.7);

    private static readonly string[] Matches =
    [
        "", "", "-s 10.244.1.5/32", "! -s 10.244.1.5/32", "-d 10.244.2.5/32", $"-d {Vip}/32", "-i $A", "! -i $A", "-i eth+",
        "-p tcp -m tcp --dport 80", "-p tcp -m tcp --dport 8080", "-p udp", "-p tcp -m multiport --dports 80,443",
        "-m mark --mark 0x1/0x1", "-m mark ! --mark 0x2/0x2", "-m conntrack --ctstate NEW",
        "-m conntrack --ctstate RELATED,ESTABLISHED", "-m conntrack --ctstate DNAT", "-m conntrack --ctdir ORIGINAL",
        $"-m conntrack --ctorigdst {Vip}", "-m addrtype --dst-type LOCAL", "-m addrtype ! --src-type LOCAL",
        "-m iprange --src-range 10.244.1.1-10.244.1.9", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
        "-m set --match-set TARGETS dst,dst", "-m set ! --match-set TARGETS dst,dst",
    ];

    private static readonly (string Table, string Chain, string[] Targets)[] Places =
    [
        ("mangle", "PREROUTING", ["MARK --set-xmark 0x1/0x1", "MARK --set-xmark 0x3/0x2", "CONNMARK --save-mark", "X", "DROP"]),
        ("nat", "PREROUTING", ["DNAT --to-destination 10.244.2.5:8080", "DNAT --to-destination 10.244.2.5", "X", "RETURN"]),
        ("nat", "POSTROUTING", ["MASQUERADE", "SNAT --to-source 192.168.7.1", "RETURN", "ACCEPT"]),
        ("filter", "FORWARD", ["ACCEPT", "DROP", "REJECT", "RETURN", "X", "ACCEPT"]),
    ];

    [Theory]
    [InlineData("iptables-nft", 1)]
    [InlineData("iptables-legacy", 2)]
    public void Random_rules_agree(string tool, int seed)
    {
        using var cluster = new KernelCluster(Encapsulation.Vxlan);
        using var http = cluster.Listen("b", 80);
        using var other = cluster.Listen("b", 8080);
        cluster.Run("n1", "ipset create TARGETS hash:ip,port; ipset add TARGETS 10.244.2.5,tcp:8080; "
            + $"ipset add TARGETS {Vip},tcp:80");
        var random = new Random(seed);
        HashSet<(string, bool)> seen = [];
        for (var i = 0; i < 25; i++)
        {
            var rules = Rules(random, cluster.HostDevice(KernelCluster.A));
            cluster.Run("n1", $"{tool}-restore <<'END'\n{rules}END");
            // At once: most of the time goes into waiting for answers that do not come.
            Parallel.ForEach([(Vip, (ushort)80), ("10.244.2.5", (ushort)8080), ("10.244.2.5", (ushort)80)], c =>
            {
                var (address, port) = c;
                var result = cluster.Trace(KernelCluster.A, $"{address}:{port}");
                var reachable = result.Verdict == Verdict.Reachable;
                lock (seen) seen.Add((address, reachable));
                Assert.True(result.Verdict is Verdict.Reachable or Verdict.Unreachable
                    && cluster.Connects("a", address, port, reachable ? Long : Short) == reachable,
                    $"seed {seed}, case {i}, {address}:{port}:\n{rules}{TraceJson.Of(result)}");
            });
        }
        Assert.Equal(4, seen.Count);
    }

    /// <summary>A service with endpoints and one without, in the table that Causeway itself writes.</summary>
    [Fact]
    public void Our_own_services_agree()
    {
        using var cluster = new KernelCluster(Encapsulation.Vxlan);
        using var http = cluster.Listen("b", 8080);
        NftServices rendered = new(IpFamily.V4);
        ServicesPlanner planner = new("n1", rendered.Set);
        foreach (var (name, address) in new[] { ("web", Vip), ("empty", "10.96.0.30") })
            planner.Set(new Service
            {
                Metadata = new() { Name = name, Namespace = "default" },
                Spec = new() { ClusterIP = address, Ports = [new("", "TCP", 80)] },
            });
        planner.Set(new EndpointSlice
        {
            Metadata = new()
            {
                Name = "web-1", Namespace = "default",
                Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = "web" },
            },
            AddressType = "IPv4", Ports = [new("", "TCP", 8080)],
            Endpoints = [new() { Addresses = ["10.244.2.5"] }],
        });
        ServicesScope scope = new() { ClusterCidrs = [Prefix.Parse("10.244.0.0/16")] };
        using var socket = NetlinkSocket.OpenNetfilter(cluster.PathOf("n1"));
        var table = new NftServiceTable(socket, IpFamily.V4);
        table.Load(scope, [.. rendered.Classes]);
        table.Elements.Change([], [.. rendered.Elements]);
        var web = cluster.Trace(KernelCluster.A, $"{Vip}:80");
        Assert.True(web.Verdict == Verdict.Reachable, TraceJson.Of(web).ToString());
        Assert.True(cluster.Connects("a", Vip, 80, Long));
        var empty = cluster.Trace(KernelCluster.A, "10.96.0.30:80");
        Assert.True(empty.Cause?.Code == CauseCode.NoEndpoints, TraceJson.Of(empty).ToString());
        Assert.False(cluster.Connects("a", "10.96.0.30", 80, Short));
    }

    private static string Rules(Random random, string device)
    {
        var text = new StringBuilder();
        foreach (var table in Places.GroupBy(p => p.Table))
        {
            text.Append($"*{table.Key}\n:X - [0:0]\n");
            foreach (var place in table)
            {
                for (var i = random.Next(4); i > 0; i--)
                    text.Append($"-A {place.Chain} {Rule(random, place.Targets, place.Table == "nat")}\n");
                if (place.Targets.Contains("X"))
                    for (var i = random.Next(3); i > 0; i--)
                        text.Append($"-A X {Rule(random, [.. place.Targets.Where(t => t != "X")], place.Table == "nat")}\n");
            }
            text.Append("COMMIT\n");
        }
        return text.ToString().Replace("$A", device);
    }

    private static string Rule(Random random, string[] targets, bool nat)
    {
        var match = Matches[random.Next(Matches.Length)];
        var target = targets[random.Next(targets.Length)];
        // A translation with a port needs the protocol; the chain of sources has no device it came in on.
        if (nat && match.Contains("-i ")) match = "";
        if (target.StartsWith("DNAT") && !match.Contains("-p ")) match = "-p tcp " + match;
        if (target.StartsWith("DNAT")) match = match.Replace("-p udp", "-p tcp");
        return $"{match} -j {target}";
    }
}
