using Causeway.Core.Dataplane.Ipset;

namespace Causeway.Core.Tests.Dataplane.Ipset;

public sealed class IpsetSaveTests
{
    private const string Saved = """
        create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536
        add KUBE-CLUSTER-IP 10.96.0.10,udp:53
        create NETS hash:net,port family inet hashsize 1024 maxelem 65536 timeout 60 comment
        add NETS 10.0.0.0/8,tcp:80 timeout 59 comment "a b" nomatch
        add NETS 10.1.0.0/16,tcp:80
        create PAIRS hash:net,net family inet hashsize 1024 maxelem 65536
        add PAIRS 10.0.0.0/8,192.168.0.0/16
        create PORTS bitmap:port range 30000-32767
        add PORTS 30080
        create ALL list:set size 8
        add ALL PORTS
        """;

    [Theory]
    [InlineData("KUBE-CLUSTER-IP", "10.96.0.10,udp:53", "10.96.0.10,udp:53")]
    [InlineData("KUBE-CLUSTER-IP", "10.96.0.10,tcp:53", null)]
    [InlineData("NETS", "10.1.2.3,tcp:80", "10.1.0.0/16,tcp:80")]
    [InlineData("NETS", "10.2.2.3,tcp:80", "10.0.0.0/8,tcp:80")]
    [InlineData("PAIRS", "10.2.2.3,192.168.7.7", "10.0.0.0/8,192.168.0.0/16")]
    [InlineData("PAIRS", "10.2.2.3,172.16.7.7", null)]
    [InlineData("PORTS", "30080", "30080")]
    public void Members_are_found_by_the_parts_of_a_packet(string set, string parts, string? member) =>
        Assert.Equal(member, IpsetSave.Parse(Saved).Single(s => s.Name == set).Members.Find(parts.Split(','))?.Text);

    [Fact]
    public void Members_keep_their_options()
    {
        var member = IpsetSave.Parse(Saved).Single(s => s.Name == "NETS").Members.All[0];
        Assert.Equal((true, 59, "a b"), (member.NoMatch, member.Timeout, member.Comment));
    }

    [Fact]
    public void What_is_printed_reads_as_it_was()
    {
        var sets = IpsetSave.Parse(Saved);
        var text = string.Concat(sets.Select(IpsetSave.Print));
        Assert.Equal(text, string.Concat(IpsetSave.Parse(text).Select(IpsetSave.Print)));
    }

    [Theory]
    [InlineData("add MISSING 1")]
    [InlineData("hello")]
    [InlineData("create X")]
    public void What_is_no_such_text_is_refused_by_line(string text) =>
        Assert.Contains("line 1", Assert.Throws<FormatException>(() => IpsetSave.Parse(text)).Message);
}
