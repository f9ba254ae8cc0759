using Causeway.Core.Dataplane.Ipvs;

namespace Causeway.Core.Tests.Dataplane.Ipvs;

public sealed class IpvsTextTests
{
    private const string Kernel = """
        IP Virtual Server version 1.2.1 (size=4096)
        Prot LocalAddress:Port Scheduler Flags
          -> RemoteAddress:Port Forward Weight ActiveConn InActConn
        TCP  0A600001:01BB rr persistent 10800 FFFFFFFF
          -> C0A80701:192B      Masq    1      0          0
        TCP  [fd00:0000:0000:0000:0000:0000:0000:0001]:0050 wrr
          -> [fd10:0000:0000:0000:0000:0000:0000:0005]:1F90      Masq    3      0          0
        """;

    private const string Saved = """
        -A -t 10.96.0.1:443 -s rr -p 10800
        -a -t 10.96.0.1:443 -r 192.168.7.1:6443 -m -w 1
        -A -t [fd00::1]:80 -s wrr
        -a -t [fd00::1]:80 -r [fd10::5]:8080 -m -w 3
        """;

    private const string Listed = """
        IP Virtual Server version 1.2.1 (size=4096)
        Prot LocalAddress:Port Scheduler Flags
          -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
        TCP  10.96.0.1:443 rr persistent 10800
          -> 192.168.7.1:6443             Masq    1      0          0
        TCP  [fd00::1]:80 wrr
          -> [fd10::5]:8080               Masq    3      0          0
        """;

    [Theory]
    [InlineData(Kernel)]
    [InlineData(Saved)]
    [InlineData(Listed)]
    public void All_three_forms_say_the_same(string text)
    {
        var servers = IpvsText.Parse(text);
        Assert.Equal(["ipvs tcp 10.96.0.1:443 rr persistent 10800", "ipvs tcp fd00::1:80 wrr"], servers.Select(s => s.ToString()));
        Assert.Equal("-> 192.168.7.1:6443 Masq 1", servers[0].Servers.Single().ToString());
        Assert.Equal("-> fd10::5:8080 Masq 3", servers[1].Servers.Single().ToString());
    }

    [Theory]
    [InlineData("  -> 10.0.0.1:80 Masq 1 0 0")]
    [InlineData("TCP nonsense rr")]
    [InlineData("hello")]
    public void What_is_no_such_text_is_refused_by_line(string text) =>
        Assert.Contains("line 1", Assert.Throws<FormatException>(() => IpvsText.Parse(text)).Message);
}
