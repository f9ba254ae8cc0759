using Causeway.Core.Addressing;
using Causeway.Core.Naming.Resolving;
using CsCheck;

namespace Causeway.Core.Tests.Naming.Resolving;

public sealed class ResolvConfTests
{
    private static readonly string[] Words =
    [
        "nameserver", "search", "domain", "options", "10.0.0.1", "fd00::1", "fe80::1%eth0", "a.b", "ndots:3", "ndots:",
        "rotate", "#", ";", "1", "", ".", "timeout:99999999999",
    ];

    private static readonly Gen<string> Word = Gen.Int[0, Words.Length - 1].Select(i => Words[i]);

    [Fact]
    public void Each_part_knows_its_line()
    {
        var conf = ResolvConf.Parse("# ours\nsearch a.b c\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\noptions ndots:5 rotate\n");
        Assert.Equal([new("a.b", 2), new("c", 2)], conf.Searches);
        Assert.Equal([new(IpAddress.Parse("10.0.0.1"), null, 3), new(IpAddress.Parse("fe80::1"), "eth0", 4)],
            conf.Nameservers);
        Assert.Equal(5, conf.Ndots);
        Assert.Equal(5, conf.LineOf("ndots"));
        Assert.True(conf.Rotates);
    }

    [Fact]
    public void Without_options_the_defaults_of_resolv_conf_count()
    {
        Assert.Equal((1, 5, 2), (ResolvConf.Empty.Ndots, ResolvConf.Empty.Timeout, ResolvConf.Empty.Attempts));
        var far = ResolvConf.Read("options ndots:99 timeout:99 attempts:99999999999\n");
        Assert.Equal((15, 30, 5), (far.Ndots, far.Timeout, far.Attempts));
    }

    [Theory]
    [InlineData("domain a\nsearch b c\n", "b c")]
    [InlineData("search b c\ndomain a x\n", "a")]
    [InlineData("search a\r\n", "a")]
    public void The_last_search_path_counts(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', ResolvConf.Read(text).Searches));

    [Theory]
    [InlineData("nameserver 127.1\n", "127.0.0.1")]
    [InlineData("nameserver 010.0.0.1\n", "8.0.0.1")]
    [InlineData("nameserver 0x7f.1\n", "127.0.0.1")]
    [InlineData("nameserver 10.0.0.1 # no comment here\n", "10.0.0.1")]
    public void Others_files_are_read_as_glibc_reads_them(string text, string server) =>
        Assert.Equal(server, Assert.Single(ResolvConf.Read(text).Nameservers).ToString());

    [Theory]
    [InlineData(" nameserver 10.0.0.1", "beginning of its line")]
    [InlineData("nameserver", "no address")]
    [InlineData("nameserver 10.0.0.256", "'10.0.0.256' is not an IP address")]
    [InlineData("nameserver 10.0.0.1%eth0", "is not an IP address")]
    [InlineData("nameservers 10.0.0.1", "'nameservers' is no keyword")]
    public void What_has_no_effect_is_told_or_refused(string line, string why)
    {
        var ignored = Assert.Single(ResolvConf.Read("\n" + line).Ignored);
        Assert.Equal(2, ignored.Line);
        Assert.Contains(why, ignored.Why);
        var error = Assert.Throws<FormatException>(() => ResolvConf.Parse("\n" + line));
        Assert.StartsWith($"line 2 of resolv.conf: '{line}'", error.Message);
    }

    [Fact]
    public void The_fourth_server_is_not_asked()
    {
        var conf = ResolvConf.Read(string.Concat(Enumerable.Range(1, 4).Select(i => $"nameserver 10.0.0.{i}\n")));
        Assert.Equal(3, conf.Nameservers.Length);
        Assert.Equal(4, Assert.Single(conf.Ignored).Line);
    }

    [Fact]
    public void What_was_read_is_printed_and_read_again()
    {
        Word.Array[0, 6].Select(w => string.Join(' ', w)).Array[0, 8].Sample(lines =>
        {
            var conf = ResolvConf.Read(string.Join('\n', lines));
            var again = ResolvConf.Parse(conf.ToString());
            Assert.Equal(conf.ToString(), again.ToString());
            Assert.Equal((conf.Ndots, conf.Timeout, conf.Attempts), (again.Ndots, again.Timeout, again.Attempts));
        });
    }

    [Fact]
    public void Any_text_is_read_without_an_exception() =>
        Gen.String.Sample(text => Assert.True(ResolvConf.Read(text).Nameservers.Length <= 3));
}
