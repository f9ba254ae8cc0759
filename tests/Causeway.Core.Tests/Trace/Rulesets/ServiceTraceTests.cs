using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Dataplane.Ipvs;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Trace;

namespace Causeway.Core.Tests.Trace.Rulesets;

/// <summary>
/// One service, 10.96.0.20:80 with endpoints c (n1) and b (n2), by every kind of proxy: the same branches, and the reply
/// carries the cluster IP again.
/// </summary>
public sealed class ServiceTraceTests
{
    internal const string KubeProxy = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :KUBE-EXT-AAAA - [0:0]
        :KUBE-MARK-MASQ - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-POSTROUTING - [0:0]
        :KUBE-SEP-BBBB - [0:0]
        :KUBE-SEP-CCCC - [0:0]
        :KUBE-SERVICES - [0:0]
        :KUBE-SVC-AAAA - [0:0]
        -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
        -A KUBE-EXT-AAAA -m comment --comment "masquerade traffic for default/web:http external destinations" -j KUBE-MARK-MASQ
        -A KUBE-EXT-AAAA -j KUBE-SVC-AAAA
        -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
        -A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:http" -m tcp --dport 30080 -j KUBE-EXT-AAAA
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
        -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
        -A KUBE-SEP-BBBB -s 10.244.2.5/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ
        -A KUBE-SEP-BBBB -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.244.2.5:8080
        -A KUBE-SEP-CCCC -s 10.244.1.6/32 -m comment --comment "default/web:http" -j KUBE-MARK-MASQ
        -A KUBE-SEP-CCCC -p tcp -m comment --comment "default/web:http" -m tcp -j DNAT --to-destination 10.244.1.6:8080
        -A KUBE-SERVICES -d 10.96.0.20/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-AAAA
        -A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
        -A KUBE-SVC-AAAA ! -s 10.244.0.0/16 -d 10.96.0.20/32 -p tcp -m comment --comment "default/web:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
        -A KUBE-SVC-AAAA -m comment --comment "default/web:http -> 10.244.1.6:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-CCCC
        -A KUBE-SVC-AAAA -m comment --comment "default/web:http -> 10.244.2.5:8080" -j KUBE-SEP-BBBB
        COMMIT
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        :KUBE-FORWARD - [0:0]
        :KUBE-SERVICES - [0:0]
        -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
        -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A FORWARD -s 10.244.0.0/16 -j ACCEPT
        -A FORWARD -d 10.244.0.0/16 -j ACCEPT
        -A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
        -A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
        -A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        -A KUBE-SERVICES -d 10.96.0.30/32 -p tcp -m comment --comment "default/empty:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable
        COMMIT
        """;

    private const string Sets = """
        create KUBE-CLUSTER-IP hash:ip,port family inet
        add KUBE-CLUSTER-IP 10.96.0.20,tcp:80
        create KUBE-LOOP-BACK hash:ip,port,ip family inet
        add KUBE-LOOP-BACK 10.244.1.5,tcp:8080,10.244.1.5
        """;

    private const string IpvsRules = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :KUBE-MARK-MASQ - [0:0]
        :KUBE-POSTROUTING - [0:0]
        :KUBE-SERVICES - [0:0]
        -A PREROUTING -j KUBE-SERVICES
        -A OUTPUT -j KUBE-SERVICES
        -A POSTROUTING -j KUBE-POSTROUTING
        -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
        -A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MASQUERADE
        -A KUBE-SERVICES ! -s 10.244.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ
        -A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT
        COMMIT
        """;

    private const string Servers = """
        TCP  0A600014:0050 rr
          -> 0AF40106:1F90      Masq    1      0          0
          -> 0AF40205:1F90      Masq    1      0          0
        """;

    private static readonly IpAddress ClusterIp = IpAddress.Parse("10.96.0.20");

    private static Entry[] Iptables(string text) => [.. IptablesSave.Parse(text, IpFamily.V4)];

    private static NftTable Nftables()
    {
        NftChain Chain(string name, NftHook? hook, params NftStatement[][] rules) =>
            new(name, hook, [.. rules.Select(r => new NftRule([.. r]))]);
        const string key = "ip daddr . meta l4proto . th dport";
        return new()
        {
            Family = "ip", Name = "causeway-services",
            Sets =
            [
                new("service-ips", "ipv4_addr . inet_proto . inet_service", false,
                    [new NftElement("10.96.0.20 . tcp . 80", "goto class-2") { Comment = "default/web:http cluster IP" }])
                {
                    Data = "verdict",
                },
                new("cluster-endpoints", "ipv4_addr . inet_proto . inet_service . integer", false,
                    [new("10.96.0.20 . tcp . 80 . 0", "10.244.1.6 . 8080"), new("10.96.0.20 . tcp . 80 . 1", "10.244.2.5 . 8080")])
                {
                    Data = "ipv4_addr . inet_service",
                },
                new("hairpin", "ipv4_addr . ipv4_addr", false, ["10.244.1.5 . 10.244.1.5"]),
            ],
            Chains =
            [
                Chain("prerouting", new("nat", "prerouting", -100, "accept"), [new NftVerdictMap(key, NftMapRef.Named("service-ips"))]),
                Chain("output", new("nat", "output", -100, "accept"), [new NftVerdictMap(key, NftMapRef.Named("service-ips"))]),
                Chain("class-2", null, [new NftNat("dnat",
                    new NftValue(key + " . numgen random mod 2", NftMapRef.Named("cluster-endpoints"))) { Family = "ip" }]),
                Chain("postrouting", new("nat", "postrouting", 100, "accept"),
                    [new NftMatch("meta mark & 0x4000", "==", "16384"), new NftMasquerade()],
                    [new NftMatch("ip saddr . ip daddr", "==", "@hairpin"), new NftMasquerade()]),
            ],
        };
    }

    private static Entry[] Proxy(string proxy) => proxy switch
    {
        "iptables" => Iptables(KubeProxy),
        "nftables" => [Nftables()],
        _ =>
        [
            .. Iptables(IpvsRules), .. IpsetSave.Parse(Sets), .. IpvsText.Parse(Servers),
            new Link { Name = "kube-ipvs0", Kind = "dummy" },
            new LinkAddress { Device = "kube-ipvs0", Address = InterfaceAddress.Parse("10.96.0.20/32") },
            new Route
            {
                Destination = ClusterIp.Host, Table = Route.LocalTable, Kind = RouteKind.Local, Device = "kube-ipvs0",
                Protocol = 2, Scope = Scope.Host,
            },
        ],
    };

    private static TraceQuery Query(string from, string to, ushort port) =>
        new(from, IpAddress.Parse(to), TransportProtocol.Tcp, port);

    [Theory]
    [InlineData("iptables")]
    [InlineData("nftables")]
    [InlineData("ipvs")]
    public void Every_proxy_gives_the_same_branches(string proxy)
    {
        var world = PaperLab.Build().Add("n1", Proxy(proxy)).Add("n2", Proxy(proxy));
        foreach (var from in new[] { PaperLab.A, "n1" })
        {
            var result = Tracer.Run(world, Query(from, "10.96.0.20", 80));
            Expect.Reachable(result);
            Assert.Equal([0.5, 0.5], result.Forward.Branches.Select(b => b.Probability));
            Assert.Equal([PaperLab.B, PaperLab.C], result.Forward.Branches.Select(b => b.Hops[^1].Host).Order());
            Assert.All(result.Forward.Branches, b => Assert.Contains(b.Hops, h => h.Component is "nat" or "ipvs"
                && h.Action.Contains("translates 10.96.0.20:80 to 10.244.")));
            Assert.All(result.Reply.Branches, b => Assert.Contains(b.Hops, h => h.Action.Contains("becomes 10.96.0.20:80")));
        }
    }

    [Fact]
    public void Rules_name_the_service_behind_them()
    {
        var result = Tracer.Run(PaperLab.Build().Add("n1", Proxy("iptables")), Query(PaperLab.A, "10.96.0.20", 80));
        var hop = result.Forward.Hops.First(h => h.Action.StartsWith("goes to chain KUBE-SVC-AAAA"));
        Assert.Equal("Service/default/web http cluster IP", hop.Origin?.ToString());
        Assert.Contains("-A KUBE-SERVICES -d 10.96.0.20/32", hop.Evidence);
    }

    [Theory]
    [InlineData("iptables")]
    [InlineData("nftables")]
    public void An_endpoint_that_calls_itself_is_masqueraded(string proxy)
    {
        var text = KubeProxy.Replace("10.244.1.6", "10.244.1.5").Replace("-m statistic --mode random --probability 0.50000000000 ", "");
        var table = Nftables();
        table = table with
        {
            Sets = [.. table.Sets.Select(s => s.Name != "cluster-endpoints" ? s : s with
            {
                Elements = [new("10.96.0.20 . tcp . 80 . 0", "10.244.1.5 . 8080"), new("10.96.0.20 . tcp . 80 . 1", "10.244.1.5 . 8080")],
            })],
        };
        var world = PaperLab.Build().Add("n1", proxy == "iptables" ? Iptables(text) : [table]);
        var result = Tracer.Run(world, Query(PaperLab.A, "10.96.0.20", 80));
        Expect.Reachable(result);
        Assert.All(result.Forward.Branches, b => Assert.Contains(b.Hops, h => h.Action.StartsWith("masquerades")));
    }

    [Fact]
    public void A_service_without_endpoints_is_the_cause()
    {
        var result = Tracer.Run(PaperLab.Build().Add("n1", Proxy("iptables")), Query(PaperLab.A, "10.96.0.30", 80));
        Assert.Equal(Verdict.Unreachable, result.Verdict);
        Expect.Cause(result, CauseCode.NoEndpoints, "n1", "default/empty:http has no endpoints");
        Assert.Contains("connection refused", result.Cause!.Message);
    }

    [Fact]
    public void A_map_of_services_without_endpoints_is_the_cause()
    {
        var table = Nftables();
        table = table with
        {
            Sets = table.Sets.Add(new("no-endpoints", "ipv4_addr . inet_proto . inet_service", false,
                [new NftElement("10.96.0.30 . tcp . 80", "goto refuse") { Comment = "default/empty:http" }]) { Data = "verdict" }),
            Chains =
            [
                .. table.Chains, new("refuse", null, [new([new NftReject(null)])]),
                new("forward", new("filter", "forward", 0, "accept"),
                    [new([new NftVerdictMap("ip daddr . meta l4proto . th dport", NftMapRef.Named("no-endpoints"))])]),
            ],
        };
        var result = Tracer.Run(PaperLab.Build().Add("n1", table), Query(PaperLab.A, "10.96.0.30", 80));
        Expect.Cause(result, CauseCode.NoEndpoints, "n1", "reject");
        Assert.Contains("default/empty:http has no endpoints", result.Cause!.Message);
    }

    [Fact]
    public void A_virtual_server_without_real_ones_is_the_cause()
    {
        var entries = Proxy("ipvs").Select(e => e is VirtualServer v ? v with { Servers = [] } : e).ToArray();
        var result = Tracer.Run(PaperLab.Build().Add("n1", entries), Query(PaperLab.A, "10.96.0.20", 80));
        Expect.Cause(result, CauseCode.NoEndpoints, "n1", "10.96.0.20:80");
    }

    [Fact]
    public void One_dead_endpoint_makes_it_partial()
    {
        var world = PaperLab.Build().Add("n1", Proxy("iptables")).Down("n2", PaperLab.HostDevice(PaperLab.B));
        var result = Tracer.Run(world, Query(PaperLab.A, "10.96.0.20", 80));
        Assert.Equal(Verdict.Partial, result.Verdict);
        Assert.Equal(CauseCode.DeviceDown, result.Cause!.Code);
    }

    [Fact]
    public void A_node_port_is_followed_from_outside()
    {
        var world = PaperLab.Build().Add("n1", Proxy("iptables")).Add("n2", Proxy("iptables"));
        var result = Tracer.Run(world, Query("web", "192.168.1.1", 30080) with { ToHost = "n1" });
        Expect.Reachable(result);
        Assert.Equal(2, result.Forward.Branches.Length);
        Assert.All(result.Forward.Branches, b => Assert.Contains(b.Hops, h => h.Action.StartsWith("masquerades")));
        world = PaperLab.Build(captured: false).Add("n1", Proxy("iptables")).Add("n2", Proxy("iptables"));
        var unseen = Tracer.Run(world, Query("n1", "192.168.1.1", 30080) with { Source = IpAddress.Parse("198.51.100.7") });
        Expect.Reachable(unseen);
    }

    [Fact]
    public void A_condition_that_is_not_read_is_unknown_where_it_decides()
    {
        var text = KubeProxy.Replace("-m mark --mark 0x4000/0x4000 -j ACCEPT", "-m u32 --u32 \"0x0\" -j DROP");
        var result = Tracer.Run(PaperLab.Build().Add("n1", Iptables(text)), Query(PaperLab.A, "10.96.0.20", 80));
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Expect.Cause(result, CauseCode.RuleUnknown, "n1", "-m u32");
        var harmless = KubeProxy.Replace("-m mark --mark 0x4000/0x4000 -j ACCEPT", "-m u32 --u32 \"0x0\" -j LOG");
        Expect.Reachable(Tracer.Run(PaperLab.Build().Add("n1", Iptables(harmless)), Query(PaperLab.A, "10.96.0.20", 80)));
    }

    [Fact]
    public void What_nft_shows_of_iptables_is_not_walked_twice()
    {
        var shadow = new NftTable
        {
            Family = "ip", Name = "filter",
            Chains = [new("FORWARD", new("filter", "forward", 0, "drop"), [new([new NftXt("target", "DROP")])])],
        };
        Expect.Reachable(Tracer.Run(
            PaperLab.Build().Add("n1", [.. Proxy("iptables"), shadow]), Query(PaperLab.A, "10.96.0.20", 80)));
    }

    [Fact]
    public void Ten_thousand_services_are_followed()
    {
        var text = new System.Text.StringBuilder("*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n");
        for (var i = 0; i < 10_000; i++) text.Append($":KUBE-SVC-{i} - [0:0]\n:KUBE-SEP-{i} - [0:0]\n");
        text.Append("-A PREROUTING -j KUBE-SERVICES\n");
        for (var i = 0; i < 10_000; i++)
        {
            text.Append($"-A KUBE-SERVICES -d 10.97.{i / 250}.{i % 250}/32 -p tcp -m comment --comment \"a/s{i}:p cluster IP\" "
                + $"-m tcp --dport 80 -j KUBE-SVC-{i}\n");
            text.Append($"-A KUBE-SVC-{i} -m comment --comment \"a/s{i}:p\" -j KUBE-SEP-{i}\n");
            text.Append($"-A KUBE-SEP-{i} -p tcp -m comment --comment \"a/s{i}:p\" -m tcp -j DNAT --to-destination 10.244.2.5:8080\n");
        }
        text.Append("COMMIT\n");
        var result = Tracer.Run(PaperLab.Build().Add("n1", Iptables(text.ToString())), Query(PaperLab.A, "10.97.39.249", 80));
        Expect.Reachable(result);
        Assert.Contains(result.Forward.Hops, h => h.Evidence.Contains("KUBE-SEP-9999"));
    }
}
