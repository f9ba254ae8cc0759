using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Tests.Wire.Netlink;

/// <summary>What is not known is refused by name: a rule is never written without a part of it.</summary>
public sealed class NftTableWriterTests
{
    public static TheoryData<string, NftStatement> Others => new()
    {
        { "limit rate 10/second", new NftCondition("limit rate 10/second") },
        { "ct state established", new NftMatch("ct state", "in", "established") },
        { "ct state ! new", new NftMatch("ct state", "!", "new") },
        { "ip saddr { 10.0.0.1, 10.0.0.2 }", new NftMatch("ip saddr", "==", "{ 10.0.0.1, 10.0.0.2 }") },
        { "ip saddr fd00::1", new NftMatch("ip saddr", "==", "fd00::1") },
        { "ip saddr < 10.0.0.1", new NftMatch("ip saddr", "<", "10.0.0.1") },
        { "ip saddr . iif @both", new NftMatch("ip saddr . iif", "==", "@both") },
        { "ip saddr . ip6 daddr @both", new NftMatch("ip saddr . ip6 daddr", "==", "@both") },
        { "tcp dport 1-2", new NftMatch("tcp dport", "==", "1-2") },
        { "tcp dport != 1", new NftMatch("tcp dport", "!=", "1") },
        { "meta mark & 0x1 == 0", new NftMatch("meta mark & 0x1", "==", "0") },
        { "continue", new NftVerdict("continue") },
        { "tcp dport vmap { 1 : drop }", new NftVerdictMap("tcp dport", NftMapRef.Of(new NftElement("1", "drop"))) },
        { "masquerade to :1", new NftMasquerade { Ports = "1" } },
        { "masquerade random", new NftMasquerade { Flags = ["random"] } },
        { "ct mark set meta mark", new NftAssign("ct mark", "meta mark") },
        { "meta mark set meta mark ^ 0x1", new NftAssign("meta mark", "meta mark ^ 0x1") },
        { "reject", new NftReject(null) },
        { "reject with tcp reset", new NftReject("tcp reset") },
        { "log", new NftNote("log") },
        { "{}", new NftUnknown("{}") },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_statement_that_is_not_known(string words, NftStatement statement) =>
        AssertRefuses(words, new NftTable { Family = "inet", Name = "t", Chains = [new("c", null, [new([statement])])] });

    [Theory]
    [InlineData("ip6", "icmp port-unreachable")]
    [InlineData("ip", "icmpv6 port-unreachable")]
    [InlineData("ip", "icmp host-unreachable")]
    public void An_answer_of_another_family(string family, string with) => AssertRefuses(
        $"reject with {with}", new NftTable { Family = family, Name = "t", Chains = [new("c", null, [new([new NftReject(with)])])] });

    [Fact]
    public void A_second_family_or_protocol_in_one_rule()
    {
        AssertRefuses("ip6 saddr fd00::1", Rule(new NftMatch("ip saddr", "==", "10.0.0.1"), new NftMatch("ip6 saddr", "==", "fd00::1")));
        AssertRefuses("udp dport 1", Rule(new NftMatch("tcp dport", "==", "1"), new NftMatch("udp dport", "==", "1")));

        static NftTable Rule(params NftStatement[] statements) =>
            new() { Family = "inet", Name = "t", Chains = [new("c", null, [new([.. statements])])] };
    }

    [Fact]
    public void Sets_and_chains_that_are_not_known()
    {
        AssertRefuses("type ifname", With(new NftSet("s", "ifname", false, [])));
        AssertRefuses("type mark", With(new NftSet("s", "ipv4_addr . mark", false, [])));
        AssertRefuses("set s with a timeout", With(new NftSet("s", "ipv4_addr", false, []) { Timeout = 1 }));
        AssertRefuses("typeof ct mark", With(new NftSet("s", "ipv4_addr", false, []) { TypeOf = "ct mark" }));
        AssertRefuses("element 10.0.0.1 of set s", With(new NftSet("s", "ipv4_addr", false, ["10.0.0.1"])));
        AssertRefuses("element 10.0.0.1-10.0.0.9 of set s", With(new NftSet("s", "ipv4_addr", true, ["10.0.0.1-10.0.0.9"])));
        AssertRefuses("ingress", new NftTable
        {
            Family = "inet", Name = "t", Chains = [new("c", new("filter", "ingress", 0, "accept") { Device = "eth0" }, [])],
        });
        AssertRefuses("chains of bridge", new NftTable { Family = "bridge", Name = "t", Chains = [new("c", null, [])] });
        AssertRefuses(new('x', 129), new NftTable
        {
            Family = "inet", Name = "t", Chains = [new("c", null, [new([new NftVerdict("drop")], new('x', 129))])],
        });

        static NftTable With(NftSet set) => new() { Family = "inet", Name = "t", Sets = [set] };
    }

    private static void AssertRefuses(string words, NftTable table)
    {
        var error = Assert.Throws<NotSupportedException>(() => new NftTableWriter(new NetlinkWriter()).Replace(table));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }
}
