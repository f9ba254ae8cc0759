using System.Text;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using CsCheck;

namespace Causeway.Core.Tests.Dataplane.Nftables;

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
    [InlineData("""{"masquerade":{"flags":["random","fully-random"]}}""", "masquerade random,fully-random")]
    [InlineData("""{"masquerade":{"flags":"fully-random"}}""", "masquerade fully-random")]
    [InlineData("""{"redirect":{"port":8080}}""", "redirect to :8080")]
    [InlineData("""{"dnat":{"addr":"10.0.0.1","port":8080,"flags":["random","persistent"]}}""", "dnat to 10.0.0.1:8080 random,persistent")]
    [InlineData("""{"dnat":{"family":"ip6","addr":"fd00::1","port":80}}""", "dnat ip6 to [fd00::1]:80")]
    [InlineData("""{"dnat":{"addr":{"map":{"key":{"numgen":{"mode":"random","mod":2,"offset":0}},"data":{"set":[[0,"10.0.0.1"],[1,"10.0.0.2"]]}}}}}""", "dnat to numgen random mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }")]
    [InlineData("""{"dnat":{"family":"ip","addr":{"map":{"key":{"concat":[{"payload":{"protocol":"ip","field":"daddr"}},{"meta":{"key":"l4proto"}},{"payload":{"protocol":"tcp","field":"dport"}},{"numgen":{"mode":"random","mod":2,"offset":0}}]},"data":"@eps"}}}}""", "dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 2 map @eps")]
    [InlineData("""{"vmap":{"key":{"concat":[{"payload":{"protocol":"ip","field":"daddr"}},{"meta":{"key":"l4proto"}},{"payload":{"protocol":"th","field":"dport"}}]},"data":"@service-ips"}}""", "ip daddr . meta l4proto . th dport vmap @service-ips")]
    [InlineData("""{"vmap":{"key":{"payload":{"protocol":"tcp","field":"dport"}},"data":{"set":[[80,{"accept":null}],[443,{"jump":{"target":"web"}}]]}}}""", "tcp dport vmap { 443 : jump web, 80 : accept }")]
    [InlineData("""{"mangle":{"key":{"meta":{"key":"mark"}},"value":{"|":[{"meta":{"key":"mark"}},16384]}}}""", "meta mark set meta mark | 0x4000")]
    [InlineData("""{"mangle":{"key":{"meta":{"key":"mark"}},"value":{"^":[{"&":[{"meta":{"key":"mark"}},65535]},4660]}}}""", "meta mark set meta mark & 0xffff ^ 0x1234")]
    [InlineData("""{"mangle":{"key":{"ct":{"key":"mark"}},"value":{"meta":{"key":"mark"}}}}""", "ct mark set meta mark")]
    [InlineData("\"update @affinity { ip saddr . ip daddr : 10.0.0.1 . 80 }\"", "update @affinity { ip saddr . ip daddr : 10.0.0.1 . 80 }")]
    [InlineData("""{"set":{"op":"add","elem":{"payload":{"protocol":"ip","field":"saddr"}},"set":"@seen"}}""", "add @seen { ip saddr }")]
    [InlineData("""{"match":{"op":"==","left":{"fib":{"result":"oif","flags":["saddr","iif"]}},"right":false}}""", "fib saddr . iif oif missing")]
    [InlineData("""{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},["syn","rst","ack"]]},"right":"syn"}}""", "tcp flags & (syn | rst | ack) == syn")]
    [InlineData("""{"match":{"op":"==","left":{"ct":{"key":"ip daddr","dir":"original"}},"right":"10.0.0.1"}}""", "ct original ip daddr 10.0.0.1")]
    [InlineData("""{"match":{"op":"!","left":{"ct":{"key":"state"}},"right":["established","related"]}}""", "ct state ! established,related")]
    [InlineData("""{"limit":{"rate":10,"burst":5,"per":"second","inv":true}}""", "limit rate over 10/second")]
    [InlineData("""{"queue":{"num":{"range":[1,3]},"flags":"bypass"}}""", "queue flags bypass to 1-3")]
    [InlineData("""{"tproxy":{"addr":"127.0.0.1","port":80}}""", "tproxy to 127.0.0.1:80")]
    [InlineData("""{"notrack":null}""", "notrack")]
    [InlineData("""{"log":{"prefix":"x","group":2}}""", "log prefix \"x\" group 2")]
    [InlineData("""{"xt":{"type":"match","name":"conntrack"}}""", "xt match \"conntrack\"")]
    public void A_statement_reads_as_nft_prints_it(string json, string text)
    {
        var rule = Rules(json);
        Assert.DoesNotContain(rule.Statements, s => s is NftUnknown);
        Assert.Equal(text, NftText.Print(rule));
    }

    [Theory]
    [InlineData("""{"vmap":{"key":{"socket":{"key":"mark"}},"data":"@m"}}""")]
    [InlineData("""{"match":{"op":"==","left":{"socket":{"key":"mark"}},"right":1}}""")]
    [InlineData("""{"fwd":{"dev":"eth0"}}""")]
    public void What_is_not_understood_is_unknown_and_quoted(string json) =>
        Assert.Equal(json, Assert.IsType<NftUnknown>(Assert.Single(Rules(json).Statements)).Raw);

    [Fact]
    public void A_map_reads_with_its_elements_comments_and_counters()
    {
        var map = NftJson.Parse("""
            {"nftables":[{"table":{"family":"ip","name":"t"}},{"map":{"family":"ip","table":"t","name":"m",
            "type":["ipv4_addr","inet_proto","inet_service"],"map":"verdict","flags":["timeout"],"timeout":60,"size":9,
            "stmt":[{"counter":null}],"elem":[[{"elem":{"val":{"concat":["10.96.0.10","tcp",80]},"comment":"ns/svc:p",
            "timeout":30,"expires":7,"counter":{"packets":3,"bytes":180}}},{"goto":{"target":"class-2"}}]]}}]}
            """u8.ToArray()).Single().Sets.Single();
        Assert.Equal(("verdict", true, 60, 9, true), (map.Data, map.Timeouts, map.Timeout, map.Size, map.Counter));
        var element = map.Elements.Find("10.96.0.10 . tcp . 80");
        Assert.Equal("goto class-2", element?.Data);
        Assert.Equal(("ns/svc:p", 30, 7, 3UL), (element!.Comment, element.Timeout, element.Expires, element.Counter!.Packets));
        Assert.Null(map.Elements.Find("10.96.0.10 . tcp . 81"));
    }

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
