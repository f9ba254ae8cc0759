using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Trace;

namespace Causeway.Core.Tests.Trace;

/// <summary>Rules on the way: what they stop is named, what they let pass passes, what is not read is unknown.</summary>
public sealed class FilterTests
{
    private static readonly NftVerdict Drop = new("drop");
    private static readonly NftVerdict Accept = new("accept");
    private static readonly NftCondition Limit = new("limit rate 10/second");
    private static readonly NftUnknown Rewrite = new("""{"dnat":{"addr":"10.9.9.9"}}""");

    private static NftTable Table(string hook, string policy, params NftStatement[][] rules) => new()
    {
        Family = "inet", Name = "guard",
        Sets = [new("blocked", "ipv4_addr", true, ["10.244.2.0/26", "10.9.0.1-10.9.0.9"])],
        Chains = [new("guarded", new("filter", hook, 0, policy), [.. rules.Select(r => new NftRule([.. r]))])],
    };

    private static TraceResult Run(NftTable table, TransportProtocol protocol = TransportProtocol.Tcp, ushort port = 80) =>
        Tracer.Run(PaperLab.Build().Add("n1", table),
            new(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4), protocol, port) { ToHost = PaperLab.B });

    private static NftMatch Match(string field, string value, string comparison = "==") => new(field, comparison, value);

    [Fact]
    public void A_drop_rule_is_quoted()
    {
        var result = Run(Table("forward", "accept", [Match("tcp dport", "{ 80, 443 }"), Drop]));
        Assert.Equal(Verdict.Unreachable, result.Verdict);
        Expect.Cause(result, CauseCode.RuleDrop, "n1", "tcp dport { 80, 443 } drop");
    }

    [Theory]
    [InlineData("ip daddr", "@blocked")]
    [InlineData("ip saddr", "10.244.1.0/26")]
    [InlineData("iifname", "cwp*")]
    [InlineData("oifname", "cwvxlan")]
    [InlineData("meta l4proto", "tcp")]
    [InlineData("ct state", "new,related")]
    [InlineData("tcp dport", "70-90")]
    public void Fields_match(string field, string value)
    {
        Expect.Cause(Run(Table("forward", "accept", [Match(field, value), Drop])), CauseCode.RuleDrop, "n1", field);
        Expect.Reachable(Run(Table("forward", "accept", [Match(field, value, "!="), Match("ct state", "new"), Drop])));
    }

    [Fact]
    public void Only_replies_of_allowed_flows_pass_a_stateful_policy()
    {
        NftStatement[] established = [Match("ct state", "established,related"), Accept];
        Expect.Reachable(Run(Table("forward", "drop", established, [Match("oifname", "cwvxlan"), Accept])));
        var result = Run(Table("forward", "drop", [Match("oifname", "cwvxlan"), Accept]));
        Expect.Cause(result, CauseCode.RuleDrop, "n1", "policy drop");
        Assert.Contains("reply", result.Cause!.Message);
    }

    [Fact]
    public void Encapsulated_packets_pass_the_output_chain()
    {
        var result = Run(Table("output", "accept", [Match("udp dport", "4789"), Drop]));
        Expect.Cause(result, CauseCode.RuleDrop, "n1", "udp dport 4789 drop");
    }

    [Fact]
    public void A_condition_that_is_not_read_matters_only_where_it_decides()
    {
        Expect.Reachable(Run(Table("forward", "accept", [Limit, Accept])));
        Expect.Reachable(Run(Table("forward", "accept", [Match("tcp dport", "81"), Rewrite])));
        var result = Run(Table("forward", "accept", [Limit, Drop]));
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Expect.Cause(result, CauseCode.RuleUnknown, "n1", "limit");
    }

    [Fact]
    public void What_may_change_the_packet_and_is_not_read_is_unknown()
    {
        var result = Run(Table("prerouting", "accept", [Match("tcp dport", "80"), Rewrite]));
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Expect.Cause(result, CauseCode.RuleUnknown, "n1", "dnat");
    }

    [Fact]
    public void Jumps_returns_and_priorities_are_followed()
    {
        var sub = new NftChain("sub", null,
        [
            new([Match("tcp dport", "22"), new NftVerdict("return")]), new([Match("tcp dport", "80"), Drop]),
        ]);
        var table = Table("forward", "accept", [new NftVerdict("jump", "sub")], [Match("tcp dport", "22"), Drop]);
        table = table with { Chains = table.Chains.Add(sub) };
        Expect.Cause(Run(table), CauseCode.RuleDrop, "n1", "chain sub");
        Expect.Cause(Run(table, port: 22), CauseCode.RuleDrop, "n1", "chain guarded");
        Expect.Reachable(Run(table, port: 8080));
    }

    [Fact]
    public void Rules_of_the_other_family_do_not_matter()
    {
        var table = Table("forward", "drop") with { Family = "ip6" };
        Expect.Reachable(Run(table));
    }

    [Fact]
    public void A_reject_names_its_rule() => Expect.Cause(
        Run(Table("forward", "accept", [new NftReject("tcp reset")])), CauseCode.RuleReject, "n1", "reject with tcp reset");

    [Fact]
    public void What_could_not_be_captured_is_unknown()
    {
        var query = new TraceQuery(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4)) { ToHost = PaperLab.B };
        var result = Tracer.Run(PaperLab.Build().Add("n2", new UnknownState("iptables-legacy", "rules in filter")), query);
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Expect.Cause(result, CauseCode.StateUnknown, "n2", "iptables-legacy");
        Expect.Reachable(Tracer.Run(
            PaperLab.Build().Add("n2", new UnknownState("ip6tables-legacy", "rules in filter")), query));
    }

    [Theory]
    [InlineData("n1", "cwvxlan", Verdict.Unknown)]
    [InlineData("n1", "eth0", Verdict.Unknown)]
    [InlineData("fabric", "n2", Verdict.Unknown)]
    [InlineData("fabric", "router", Verdict.Reachable)]
    [InlineData("n1", "eth7", Verdict.Reachable)]
    public void Filters_on_a_device_matter_where_the_packet_passes_it(string host, string device, Verdict verdict)
    {
        var query = new TraceQuery(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4)) { ToHost = PaperLab.B };
        foreach (var kind in new[] { "xdp", "tc" })
        {
            var world = PaperLab.Build().Add(host, new UnknownState($"{kind} {device}", "not read"));
            Assert.Equal(verdict, Tracer.Run(world, query).Verdict);
        }
    }

    [Fact]
    public void Masquerade_missing_loses_the_reply_outside()
    {
        var world = PaperLab.Build().Remove<NftTable>("n1", t => t.Name == "causeway");
        var result = Tracer.Run(world, new(PaperLab.A, IpAddress.Parse("203.0.113.9")) { ToHost = "web" });
        Assert.Equal(Verdict.Unreachable, result.Verdict);
        Assert.Contains("reply", result.Cause!.Message);
        Assert.Contains("masquerad", result.Cause.Message + result.Cause.Fix);
        Assert.Equal("n1", result.Cause.Node);
    }
}
