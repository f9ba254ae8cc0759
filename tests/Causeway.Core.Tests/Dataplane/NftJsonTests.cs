using System.Text;
using Causeway.Core.Dataplane;
using CsCheck;

namespace Causeway.Core.Tests.Dataplane;

public sealed class NftJsonTests
{
    [Theory]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@pods"}}""", "ip saddr @pods")]
    [InlineData("""{"match":{"op":"!=","left":{"payload":{"protocol":"ip6","field":"daddr"}},"right":{"prefix":{"addr":"fd00::","len":8}}}}""", "ip6 daddr != fd00::/8")]
    [InlineData("""{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}}""", "ct state established,related")]
    [InlineData("""{"match":{"op":"==","left":{"&":[{"meta":{"key":"mark"}},16384]},"right":16384}}""", "meta mark & 0x4000 == 16384")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"eth0"}}""", "iifname \"eth0\"")]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[80,443]}}}""", "tcp dport { 80, 443 }")]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":{"range":[1000,2000]}}}""", "udp dport 1000-2000")]
    [InlineData("""{"match":{"op":"==","left":{"fib":{"result":"type","flags":["daddr"]}},"right":"local"}}""", "fib daddr type local")]
    [InlineData("""{"jump":{"target":"other"}}""", "jump other")]
    [InlineData("""{"reject":{"type":"tcp reset"}}""", "reject with tcp reset")]
    [InlineData("""{"masquerade":null}""", "masquerade")]
    public void A_statement_reads_as_nft_prints_it(string json, string text)
    {
        var rule = Rules(json);
        Assert.DoesNotContain(rule.Statements, s => s is NftUnknown);
        Assert.Equal(text, NftText.Print(rule));
    }

    [Theory]
    [InlineData("""{"xt":{"type":"match","name":"conntrack"}}""")]
    [InlineData("""{"limit":{"rate":5,"burst":5,"per":"second"}}""")]
    [InlineData("""{"vmap":{"key":{"meta":{"key":"iifname"}},"data":{"set":[]}}}""")]
    [InlineData("""{"masquerade":{"flags":"random"}}""")]
    [InlineData("""{"match":{"op":"==","left":{"socket":{"key":"mark"}},"right":1}}""")]
    public void What_is_not_understood_is_unknown_and_quoted(string json) =>
        Assert.Equal(json, Assert.IsType<NftUnknown>(Assert.Single(Rules(json).Statements)).Raw);

    [Fact]
    public void Random_bytes_are_a_format_error_and_nothing_else() => Gen.Byte.Array.Sample(bytes =>
    {
        Assert.Throws<FormatException>(() => NftJson.Parse(bytes));
    });

    [Theory]
    [InlineData("""{"nftables":[{"rule":{}}]}""")]
    [InlineData("""{"nftables":{}}""")]
    [InlineData("[]")]
    [InlineData("""{"nftables":[{"rule":{"family":"ip","table":"t","chain":"c","expr":[{"match":{}}]}}]}""")]
    [InlineData("""{"nftables":[1]}""")]
    public void Json_of_another_shape_is_a_format_error(string json) =>
        Assert.Throws<FormatException>(() => NftJson.Parse(Encoding.UTF8.GetBytes(json)));

    private static NftRule Rules(string statement) => NftJson.Parse(Encoding.UTF8.GetBytes(
        """{"nftables":[{"table":{"family":"inet","name":"t"}},{"chain":{"family":"inet","table":"t","name":"c"}},"""
        + """{"rule":{"family":"inet","table":"t","chain":"c","expr":[""" + statement + "]}}]}"))
        .Single().Chains.Single().Rules.Single();
}
