using Causeway.Core.Dataplane;
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

    [Fact]
    public void WhatTheModelDoesNotReadIsUnknownAndNeverFulfilsAPlan()
    {
        _node.Run("nft 'add table inet causeway; add chain inet causeway input { type filter hook input priority 0; }; "
            + "add rule inet causeway input meta length 100 tcp flags syn limit rate 5/second accept'");
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
