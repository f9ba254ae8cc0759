using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Cni;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Cni;

public sealed class NetworkConfigurationTests
{
    private static NetworkConfiguration Parse(string json) =>
        NetworkConfiguration.Parse(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void What_a_runtime_passes_is_read_and_the_rest_let_through()
    {
        var read = Parse("""
            {"cniVersion":"1.1.0","name":"k8s","type":"causeway","socket":"/run/a.sock","someone":{"elses":1},
             "capabilities":{"ips":true},"dns":{},"ipam":{},
             "runtimeConfig":{"ips":["10.0.0.9/24","fd00::9"],"mac":"02:00:00:00:00:09","portMappings":[]},
             "prevResult":{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","sandbox":"/n"}]},
             "cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"}]}
            """);
        Assert.Equal(("1.1.0", "k8s", "/run/a.sock"), (read.CniVersion, read.Name, read.Socket));
        Assert.Equal([IpAddress.Parse("10.0.0.9"), IpAddress.Parse("fd00::9")], read.RequestedIps);
        Assert.Equal(MacAddress.Parse("02:00:00:00:00:09"), read.RequestedMac);
        Assert.Equal("eth0", read.PrevResult!.Interfaces[0].Name);
        Assert.Equal([new CniAttachmentId("a", "eth0")], read.ValidAttachments!.Value);
    }

    [Fact]
    public void A_plain_configuration_asks_for_nothing()
    {
        var read = Parse("""{"cniVersion":"0.3.1","name":"k8s"}""");
        Assert.Null(read.Socket);
        Assert.Empty(read.RequestedIps);
        Assert.Null(read.PrevResult);
        Assert.Null(read.ValidAttachments);
    }

    [Fact]
    public void No_attachments_at_all_is_not_the_same_as_unsaid() =>
        Assert.Empty(Parse("""{"cniVersion":"1.1.0","name":"k","cni.dev/attachments":[]}""").ValidAttachments!.Value);

    [Theory]
    [InlineData("""{""", 6, "")]
    [InlineData("""[]""", 7, "configuration")]
    [InlineData("""{"name":"k"}""", 1, "0.1.0")]
    [InlineData("""{"cniVersion":"9.0.0","name":"k"}""", 1, "9.0.0")]
    [InlineData("""{"cniVersion":1,"name":"k"}""", 7, "cniVersion")]
    [InlineData("""{"cniVersion":"1.0.0"}""", 7, "name")]
    [InlineData("""{"cniVersion":"1.0.0","name":"a/b"}""", 7, "name")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","socket":"run"}""", 7, "socket")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","ipam":{"type":"host-local"}}""", 2, "ipam")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","ipMasq":true}""", 2, "ipMasq")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","runtimeConfig":[]}""", 7, "runtimeConfig")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","runtimeConfig":{"ips":["010.0.0.1"]}}""", 7, "runtimeConfig.ips[0]")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","runtimeConfig":{"ips":["10.0.0.1","10.0.0.2"]}}""", 7, "runtimeConfig.ips")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","runtimeConfig":{"mac":"ff:ff:ff:ff:ff:ff"}}""", 7, "runtimeConfig.mac")]
    [InlineData("""{"cniVersion":"1.0.0","name":"k","prevResult":{"ips":[{}]}}""", 7, "prevResult.ips[0].address")]
    [InlineData("""{"cniVersion":"1.1.0","name":"k","cni.dev/valid-attachments":[{"containerID":"a"}]}""", 7, "cni.dev/valid-attachments[0]")]
    public void A_wrong_configuration_names_its_field(string json, int code, string named)
    {
        var error = Assert.Throws<CniException>(() => Parse(json)).Error;
        Assert.Equal(code, (int)error.Code);
        Assert.Contains(named, error.Details);
    }

    [Fact]
    public void Any_bytes_are_a_configuration_or_an_error() => Gen.Byte.Array.Sample(Try);

    [Fact]
    public void Any_damage_to_a_configuration_is_a_configuration_or_an_error()
    {
        var good = Encoding.UTF8.GetBytes("""
            {"cniVersion":"1.1.0","name":"k8s","socket":"/run/a\ud83d\ude00.sock","prevResult":{"interfaces":[{"name":"eth0"}],
            "ips":[{"address":"10.0.0.1/8","interface":0}]},"runtimeConfig":{"ips":["10.0.0.9/24"],"mac":"02:00:00:00:00:09"}}
            """);
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).List[1, 4].Sample(changes =>
        {
            var bytes = (byte[])good.Clone();
            foreach (var (at, value) in changes) bytes[at] = value;
            Try(bytes);
        });
    }

    [Theory]
    [InlineData("""{"cniVersion":"1.1.0","name":"\ud800"}""")]
    [InlineData("""{"cniVersion":"1.1.0","name":"k","\ud800":1}""")]
    public void Lone_surrogates_are_an_error_or_let_through(string json) => Try(Encoding.UTF8.GetBytes(json));

    private static void Try(byte[] bytes)
    {
        try
        {
            NetworkConfiguration.Parse(bytes);
        }
        catch (CniException)
        {
        }
    }
}
