using System.Text.Json;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Cni;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Cni;

public sealed class CniResultJsonTests
{
    private static readonly CniResult DualStack = new()
    {
        Interfaces =
        [
            new("cwp0123456789a", "ee:ee:ee:ee:ee:ee", Mtu: 1450),
            new("eth0", "02:00:00:00:00:01", "/run/netns/p", 1450),
        ],
        Ips =
        [
            new(InterfaceAddress.Parse("10.244.0.1/32"), 1, IpAddress.Parse("169.254.1.1")),
            new(InterfaceAddress.Parse("fd00::1/128"), 1, IpAddress.Parse("fe80::1")),
        ],
        Routes = [new(Prefix.Parse("0.0.0.0/0"), IpAddress.Parse("169.254.1.1"), Mtu: 1400, Priority: 5)],
        Dns = new(["10.96.0.10"], "cluster.local", ["svc.cluster.local"], ["ndots:5"]),
    };

    [Theory]
    [InlineData("0.3.0", "\"4\"", false)]
    [InlineData("0.3.1", "\"4\"", false)]
    [InlineData("0.4.0", "\"4\"", false)]
    [InlineData("1.0.0", null, false)]
    [InlineData("1.1.0", null, true)]
    public void Each_version_prints_its_own_shape(string version, string? family, bool rich)
    {
        var json = JsonElement.Parse(CniResultJson.Print(DualStack, version));
        Assert.Equal(version, json.GetProperty("cniVersion").GetString());
        var ip = json.GetProperty("ips")[0];
        Assert.Equal(family, ip.TryGetProperty("version", out var v) ? v.GetRawText() : null);
        Assert.Equal("10.244.0.1/32", ip.GetProperty("address").GetString());
        Assert.Equal("169.254.1.1", ip.GetProperty("gateway").GetString());
        Assert.Equal(1, ip.GetProperty("interface").GetInt32());
        Assert.Equal(rich, json.GetProperty("interfaces")[1].TryGetProperty("mtu", out _));
        Assert.Equal(rich, json.GetProperty("routes")[0].TryGetProperty("mtu", out _));
        Assert.False(json.GetProperty("interfaces")[0].TryGetProperty("sandbox", out _));
        Assert.Equal("ndots:5", json.GetProperty("dns").GetProperty("options")[0].GetString());
    }

    [Fact]
    public void Six_is_the_family_of_the_second_address() =>
        Assert.Contains(
            """{"version":"6","interface":1,"address":"fd00::1/128","gateway":"fe80::1"}""",
            CniResultJson.Print(DualStack, "0.4.0"));

    [Theory]
    [InlineData("0.3.0")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public void What_was_printed_reads_back(string version)
    {
        var printed = CniResultJson.Print(DualStack, version);
        Assert.Equal(printed, CniResultJson.Print(CniResultJson.Parse(printed, version), version));
    }

    [Fact]
    public void A_result_without_a_version_has_the_configurations()
    {
        var result = CniResultJson.Parse("""{"ips":[{"address":"10.1.0.5/16"}]}""", "1.0.0");
        Assert.Equal("10.1.0.5/16", result.Ips[0].Address.ToString());
        Assert.Null(result.Ips[0].Interface);
    }

    [Theory]
    [InlineData("[]", CniErrorCode.InvalidConfiguration, "result")]
    [InlineData("{", CniErrorCode.Decode, "")]
    [InlineData("""{"cniVersion":"0.2.0"}""", CniErrorCode.IncompatibleVersion, "0.2.0")]
    [InlineData("""{"ips":[{"address":"10.1.0.5"}]}""", CniErrorCode.InvalidConfiguration, "ips[0].address")]
    [InlineData("""{"ips":[{"address":"10.1.0.5/8","interface":0}]}""", CniErrorCode.InvalidConfiguration, "ips[0].interface")]
    [InlineData("""{"routes":[{"dst":"x"}]}""", CniErrorCode.InvalidConfiguration, "routes[0].dst")]
    [InlineData("""{"routes":[{"dst":"::/0","mtu":"1"}]}""", CniErrorCode.InvalidConfiguration, "routes[0].mtu")]
    [InlineData("""{"interfaces":[7]}""", CniErrorCode.InvalidConfiguration, "interfaces[0]")]
    [InlineData("""{"dns":{"search":[1]}}""", CniErrorCode.InvalidConfiguration, "dns.search[0]")]
    public void A_wrong_result_names_its_field(string text, CniErrorCode code, string named)
    {
        var error = Assert.Throws<CniException>(() => CniResultJson.Parse(text, "1.1.0")).Error;
        Assert.Equal(code, error.Code);
        Assert.Contains(named, error.Details);
    }

    [Fact]
    public void Any_text_is_a_result_or_an_error() => Gen.String.Sample(text =>
    {
        try
        {
            CniResultJson.Parse(text, "1.1.0");
        }
        catch (CniException)
        {
        }
    });
}
