using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Iptables;

namespace Causeway.Core.Tests.Dataplane.Iptables;

public sealed class IptablesSaveTests
{
    private static IptablesRule Rule(string rule, IpFamily family = IpFamily.V4) => IptablesSave.Parse(
        $"# a comment\n*nat\n:PREROUTING ACCEPT [1:2]\n:WEB - [0:0]\n-A PREROUTING {rule}\nCOMMIT\n", family)
        .Single().Chains[0].Rules.Single();

    [Theory]
    [InlineData("-s 10.0.0.0/8", "IptablesAddress { Negated = False, Source = True, Prefix = 10.0.0.0/8 }")]
    [InlineData("! -d 10.0.0.1", "IptablesAddress { Negated = True, Source = False, Prefix = 10.0.0.1/32 }")]
    [InlineData("! -i eth+", "IptablesDevice { Negated = True, Input = True, Name = eth+ }")]
    [InlineData("-p tcp", "IptablesProtocol { Negated = False, Number = 6 }")]
    [InlineData("-m mark ! --mark 0x4000/0x4000",
        "IptablesMark { Negated = True, Value = 16384, Mask = 16384, Connection = False }")]
    [InlineData("-m connmark --mark 0x1",
        "IptablesMark { Negated = False, Value = 1, Mask = 4294967295, Connection = True }")]
    [InlineData("-m statistic --mode random --probability 0.50000000000",
        "IptablesStatistic { Negated = False, Probability = 0.5 }")]
    [InlineData("-m statistic --mode nth --every 4 --packet 0",
        "IptablesStatistic { Negated = False, Probability = 0.25 }")]
    [InlineData("-m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-A --mask 255.255.255.255 --rsource",
        "IptablesRecent { Negated = False, Operation = rcheck, Name = KUBE-SEP-A, Seconds = 10800 }")]
    [InlineData("-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
        "IptablesTcpFlags { Negated = False, Mask = 23, Wanted = 2 }")]
    [InlineData("-m icmp --icmp-type 8", "IptablesIcmp { Negated = False, Type = 8, Code =  }")]
    [InlineData("-m iprange --src-range 10.0.0.1-10.0.0.9",
        "IptablesRange { Negated = False, Source = True, First = 10.0.0.1, Last = 10.0.0.9 }")]
    [InlineData("-m rpfilter --validmark --invert",
        "IptablesReversePath { Negated = True, Loose = False, ValidMark = True, AcceptLocal = False }")]
    [InlineData("-m pkttype --pkt-type broadcast", "IptablesPacketType { Negated = False, Type = broadcast }")]
    [InlineData("-m limit --limit 5/sec", "IptablesCondition { Negated = False, Text = -m limit --limit 5/sec }")]
    [InlineData("-m u32 --u32 \"0x0&0xf=0x5\"",
        "IptablesCondition { Negated = False, Text = -m u32 --u32 \"0x0&0xf=0x5\" }")]
    [InlineData("-m conntrack --ctdir REPLY", "IptablesDirection { Negated = False, Reply = True }")]
    [InlineData("-m conntrack --ctorigdst 10.0.0.1",
        "IptablesTuple { Negated = False, Option = ctorigdst, Value = 10.0.0.1 }")]
    public void A_match_is_read(string text, string match) => Assert.Equal(match, Rule(text).Matches[^1].ToString());

    [Theory]
    [InlineData("-m multiport --dports 80,443,1000:2000", "80-80 443-443 1000-2000")]
    [InlineData("-m tcp --dport 80", "80-80")]
    [InlineData("-m udp ! --dport 1024:", "1024-65535")]
    public void Ports_are_read(string text, string ranges) => Assert.Equal(ranges,
        string.Join(' ', Assert.IsType<IptablesPorts>(Rule(text).Matches.Single()).Ranges.Select(r => $"{r.First}-{r.Last}")));

    [Theory]
    [InlineData("-j ACCEPT", "IptablesVerdict { Verdict = ACCEPT }")]
    [InlineData("-j WEB", "IptablesJump { Chain = WEB, Goto = False }")]
    [InlineData("-g WEB", "IptablesJump { Chain = WEB, Goto = True }")]
    [InlineData("-j REJECT --reject-with tcp-reset", "IptablesReject { With = tcp-reset }")]
    [InlineData("-j MASQUERADE --random-fully", "IptablesMasquerade { Ports = , RandomFully = True }")]
    [InlineData("-j MARK --set-xmark 0x4000/0x4000", "IptablesSetMark { Value = 16384, Mask = 16384, Connection = False }")]
    [InlineData("-j MARK --or-mark 0x2", "IptablesSetMark { Value = 2, Mask = 2, Connection = False }")]
    [InlineData("-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff",
        "IptablesCopyMark { Save = False, PacketMask = 255, ConnectionMask = 255 }")]
    [InlineData("-j CT --notrack", "IptablesNotrack { }")]
    [InlineData("-j LOG --log-prefix \"a b\"", "IptablesNote { Text = -j LOG --log-prefix \"a b\" }")]
    [InlineData("-j NETMAP --to 10.1.0.0/16", "IptablesNetmap { To = 10.1.0.0/16 }")]
    [InlineData("-j TPROXY --on-port 80", "IptablesUnknown { Text = -j TPROXY --on-port 80 }")]
    [InlineData("-j MISSING", "IptablesUnknown { Text = -j MISSING }")]
    public void A_target_is_read(string text, string target) => Assert.Equal(target, Rule(text).Target!.ToString());

    [Theory]
    [InlineData("10.0.0.1:80", IpFamily.V4, "10.0.0.1", "10.0.0.1", "80")]
    [InlineData("10.0.0.1-10.0.0.3:80-90", IpFamily.V4, "10.0.0.1", "10.0.0.3", "80")]
    [InlineData(":8080", IpFamily.V4, null, null, "8080")]
    [InlineData("[fd00::1]:80", IpFamily.V6, "fd00::1", "fd00::1", "80")]
    [InlineData("fd00::1", IpFamily.V6, "fd00::1", "fd00::1", null)]
    public void A_translation_is_read(string to, IpFamily family, string? first, string? last, string? port)
    {
        var nat = Assert.IsType<IptablesNat>(Rule($"-p tcp -j DNAT --to-destination {to} --persistent", family).Target);
        Assert.Equal((first, last, port), (nat.First?.ToString(), nat.Last?.ToString(), nat.Ports?.First.ToString()));
        Assert.Equal("persistent", nat.Flags.Single());
    }

    [Fact]
    public void A_rule_keeps_its_line_its_comment_and_its_counters()
    {
        const string line = "-A PREROUTING -d 10.96.0.1/32 -p tcp -m comment --comment \"default/web:http cluster \\\"IP\\\"\" "
            + "-m tcp --dport 80 -j WEB";
        var table = IptablesSave.Parse($"*nat\n:PREROUTING ACCEPT [0:0]\n:WEB - [0:0]\n[3:180] {line}\nCOMMIT\n", IpFamily.V4)
            .Single();
        var rule = table.Chains[0].Rules.Single();
        Assert.Equal((line, 3UL, 180UL), (rule.Line, rule.Packets, rule.Bytes));
        Assert.Equal("default/web:http cluster \"IP\"", rule.Comment);
        Assert.Equal(3, rule.Matches.Length);
        Assert.Equal($"*nat\n:PREROUTING ACCEPT [0:0]\n:WEB - [0:0]\n{line}\nCOMMIT\n", IptablesSave.Print(table));
    }

    [Theory]
    [InlineData("-A INPUT -j ACCEPT\n", "line 1")]
    [InlineData("*filter\n-A INPUT -j ACCEPT\nCOMMIT\n", "line 2")]
    [InlineData("*filter\n:INPUT ACCEPT [0:0]\nhello\n", "line 3")]
    [InlineData("COMMIT\n", "line 1")]
    [InlineData("*filter\n[x:y] -A INPUT\n", "line 2")]
    [InlineData("*nat\n:A - [0:0]\nCOMMIT\n-A A -j DROP\n", "line 4")]
    [InlineData("*nat\n:A - [0:0]\n-A A -j DROP", "table nat has no COMMIT")]
    [InlineData("*nat\n:A - [0:0]\n*filter\nCOMMIT\n", "line 3")]
    public void What_is_no_such_text_is_refused_by_line(string text, string where) =>
        Assert.Contains(where, Assert.Throws<FormatException>(() => IptablesSave.Parse(text, IpFamily.V4)).Message);

    [Fact]
    public void Rules_of_a_chain_may_stand_apart_and_lines_may_end_as_on_windows()
    {
        var table = IptablesSave.Parse(
            "*nat\r\n:A - [0:0]\r\n:B - [0:0]\r\n-A A -j B\r\n[1:2] -A B -s 10.0.0.1/32\r\n# a word\r\n\r\n-A B -j DROP\r\n"
            + "-A A -j RETURN\r\nCOMMIT\r\n", IpFamily.V4).Single();
        Assert.Equal(["-A A -j B", "-A A -j RETURN"], table.Chains[0].Rules.Select(r => r.Line));
        Assert.Equal([("-A B -s 10.0.0.1/32", 2UL), ("-A B -j DROP", 0UL)], table.Chains[1].Rules.Select(r => (r.Line, r.Bytes)));
        Assert.Equal(["-A B -s 10.0.0.1/32", "-A B -j DROP"], table.Chains[1].Lines);
    }

    [Fact]
    public void Random_text_is_a_format_error_or_nothing() => CsCheck.Check.Sample(CsCheck.Gen.String, text =>
    {
        try
        {
            IptablesSave.Parse("*nat\n:A ACCEPT [0:0]\n-A A " + text + "\nCOMMIT\n", IpFamily.V4);
        }
        catch (FormatException)
        {
            // Named, as it should be.
        }
    });
}
