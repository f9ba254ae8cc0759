using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Linux.Kernel;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Kernel;

/// <summary>A ruleset that is printed, loaded by the kernel and listed again is still the planned one.</summary>
public sealed class NftRoundTripTests : IDisposable
{
    private readonly TestNamespace _node = new();
    private readonly KernelDriver _driver;

    public NftRoundTripTests()
    {
        _driver = KernelDriver.Open(_node.Path);
        _driver.Ensure(new Link { Name = "lo" });
    }

    public void Dispose()
    {
        _driver.Dispose();
        _node.Dispose();
    }

    [Theory]
    [InlineData("ip saddr", "==", "10.0.0.1")]
    [InlineData("ip daddr", "!=", "10.0.0.0/8")]
    [InlineData("ip6 saddr", "==", "fd00::/64")]
    [InlineData("ip saddr", "==", "@sources")]
    [InlineData("ip daddr", "==", "{ 10.0.0.1, 10.0.0.7 }")]
    [InlineData("iifname", "==", "eth0")]
    [InlineData("oifname", "!=", "cwvxlan")]
    [InlineData("iif", "==", "lo")]
    [InlineData("tcp dport", "==", "443")]
    [InlineData("udp sport", "==", "{ 53, 5353 }")]
    [InlineData("tcp dport", "==", "8000-8080")]
    [InlineData("th dport", "==", "53")]
    [InlineData("ct state", "in", "established,related")]
    [InlineData("ct state", "in", "new")]
    [InlineData("meta l4proto", "==", "tcp")]
    [InlineData("meta l4proto", "==", "{ tcp, udp }")]
    [InlineData("fib daddr type", "==", "local")]
    public void AMatch(string field, string @operator, string value) =>
        AssertSurvives([new NftMatch(field, @operator, value), new NftCounter(0, 0), new NftVerdict("accept")]);

    [Theory]
    [InlineData("drop", null)]
    [InlineData("return", null)]
    [InlineData("jump", "other")]
    [InlineData("goto", "other")]
    public void AVerdict(string verdict, string? chain) => AssertSurvives([new NftVerdict(verdict, chain)]);

    [Theory]
    [InlineData("tcp reset")]
    [InlineData("icmpx port-unreachable")]
    public void ARejection(string with)
    {
        if (with.StartsWith("tcp", StringComparison.Ordinal))
            AssertSurvives([new NftMatch("meta l4proto", "==", "tcp"), new NftReject(with)]);
        else
            AssertSurvives([new NftReject(with)]);
    }

    [Theory]
    [InlineData("ip daddr . meta l4proto . th dport vmap @service-ips")]
    [InlineData("dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints")]
    [InlineData("dnat ip to ip saddr . ip daddr . meta l4proto . th dport map @affinity")]
    [InlineData("update @affinity { ip saddr . ip daddr . meta l4proto . th dport : 10.0.0.1 . 80 }")]
    [InlineData("ip saddr . ip daddr @hairpin masquerade fully-random")]
    [InlineData("meta mark & 0x4000 == 16384 meta mark set meta mark ^ 0x4000 masquerade fully-random")]
    [InlineData("meta mark set meta mark | 0x4000")]
    [InlineData("dnat to numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }")]
    [InlineData("meta l4proto tcp dnat to 10.0.0.1:8080 random,persistent")]
    [InlineData("tcp dport vmap { 443 : jump class-2, 80 : accept }")]
    [InlineData("ct status dnat accept")]
    [InlineData("ct direction reply accept")]
    [InlineData("fib saddr . iif oif missing drop")]
    [InlineData("limit rate 10/second accept")]
    [InlineData("numgen random mod 100 < 30 drop")]
    [InlineData("dnat to jhash ip saddr mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }")]
    [InlineData("ct mark set meta mark")]
    public void AServicesRuleIsReadAsItWasWritten(string rule)
    {
        _node.Run($$"""
            nft -f - <<'END'
            table ip services {
              map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; counter; }
              map endpoints {
                typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport
                elements = { 10.96.0.10 . tcp . 80 . 0 : 10.0.0.1 . 8080 }
              }
              map affinity {
                typeof ip saddr . ip daddr . meta l4proto . th dport : ip daddr . th dport
                size 1000; flags dynamic,timeout; timeout 3h;
              }
              set hairpin { type ipv4_addr . ipv4_addr; elements = { 10.0.0.1 . 10.0.0.1 } }
              chain class-2 { }
              chain main {
                type nat hook {{(rule.Contains("masquerade") ? "postrouting" : "prerouting")}} priority 0;
                {{rule}}
              }
            }
            add element ip services service-ips { 10.96.0.10 . tcp . 80 comment "a/b:c" : goto class-2 }
            END
            """);
        var table = Assert.Single(_driver.Capture(EntryKind.NftTable).All<NftTable>());
        var read = Assert.Single(table.Chains.Single(c => c.Name == "main").Rules);
        Assert.DoesNotContain(read.Statements, s => s is NftUnknown);
        Assert.Equal(rule, NftText.Print(read));
        // What is printed loads again, once the tool is told the sizes that its JSON leaves out.
        var again = table with
        {
            Sets = [.. table.Sets.Select(s => s.Name switch
            {
                "endpoints" => s with
                {
                    TypeOf = "ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . th dport",
                },
                "affinity" => s with { Dynamic = true },
                _ => s,
            })],
        };
        Assert.Empty(_driver.Apply([new Upsert(again, null)]).Select(e => e.Message));
        Assert.True(_driver.Capture(EntryKind.NftTable)[table.Key]!.Fulfils(again));
    }

    [Fact]
    public void WhatTheModelDoesNotReadIsUnknownAndNeverFulfilsAPlan()
    {
        _node.Run("nft 'add table inet causeway; add chain inet causeway input { type filter hook input priority 0; }; "
            + "add rule inet causeway input meta length 100 socket transparent 1 accept'");
        var table = Assert.Single(_driver.Capture(EntryKind.NftTable).All<NftTable>());
        var rule = Assert.Single(Assert.Single(table.Chains).Rules);
        Assert.Contains(rule.Statements, s => s is NftUnknown);
        Assert.False(table.Fulfils(Table([new NftVerdict("accept")])));
    }

    private void AssertSurvives(NftStatement[] statements)
    {
        var planned = Table(statements);
        var errors = _driver.Apply([new Upsert(planned, null)]);
        Assert.Empty(errors.Select(e => e.Message));
        var observed = _driver.Capture(EntryKind.NftTable)[planned.Key]!;
        Assert.Equal(NftText.Print(planned), NftText.Print((NftTable)observed));
        Assert.True(observed.Fulfils(planned));
    }

    private static NftTable Table(NftStatement[] statements) => new()
    {
        Family = "inet", Name = Ownership.NftTableName,
        Sets = [new NftSet("sources", "ipv4_addr", true, ["10.0.0.0/8", "172.16.0.1"])],
        Chains =
        [
            new NftChain("forward", new NftHook("filter", "forward", 0, "accept"),
                [new NftRule([.. statements], "why it is here")]),
            new NftChain("other", null, []),
        ],
    };
}
