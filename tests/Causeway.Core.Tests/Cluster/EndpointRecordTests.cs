using System.Text;
using Causeway.Core.Cluster;
using CsCheck;

namespace Causeway.Core.Tests.Cluster;

public sealed class EndpointRecordTests
{
    private static readonly EndpointRecord Full = new()
    {
        Handle = "c1/eth0",
        ContainerId = "c1",
        IfName = "eth0",
        Netns = "/run/netns/pod1",
        HostDevice = EndpointDevice.NameOf("c1/eth0"),
        Addresses = ["10.244.0.1", "fd00::1"],
        Mac = "02:00:00:00:00:01",
        Namespace = "default",
        Pod = "web-0",
        PodUid = "u1",
        Node = "n1",
    };

    [Fact]
    public void A_record_reads_back_as_written()
    {
        var back = EndpointRecord.Parse(Encoding.UTF8.GetBytes(Full.ToJson()));
        Assert.Equal(Full with { Addresses = back.Addresses }, back);
        Assert.Equal(Full.Addresses, back.Addresses);
    }

    [Fact]
    public void The_device_name_is_the_prefix_and_the_start_of_the_handles_hash()
    {
        // The hash of nothing, from the specification of XXH64.
        Assert.Equal("ef46db3751d", EndpointDevice.KeyOf(""));
        Assert.Equal(
            "cwp" + EndpointDevice.KeyOf("c1/eth0"), EndpointDevice.NameOf(EndpointDevice.HandleOf("c1", "eth0")));
    }

    [Fact]
    public void Any_bytes_are_a_record_or_a_format_error() => Gen.Byte.Array.Sample(bytes =>
    {
        try
        {
            EndpointRecord.Parse(bytes);
        }
        catch (FormatException)
        {
        }
    });

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"handle":"","containerId":"c","ifName":"e","netns":"n","hostDevice":"h","addresses":[],"mac":"m","node":"n"}""")]
    public void What_is_no_record_is_a_format_error(string json) =>
        Assert.Throws<FormatException>(() => EndpointRecord.Parse(Encoding.UTF8.GetBytes(json)));
}
