using Causeway.Core.Wire.Cni;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Cni;

public sealed class NetworkListTests
{
    [Fact]
    public void A_list_is_read_in_order_with_what_it_switches_on()
    {
        var list = NetworkList.Parse("""
            {"cniVersion":"1.0.0","cniVersions":["1.0.0","1.1.0","9.9.9"],"name":"k8s","disableCheck":true,"plugins":[
              {"type":"causeway"},{"type":"portmap","capabilities":{"portMappings":true,"other":false},"snat":true}]}
            """, "f");
        Assert.Equal("1.1.0", list.CniVersion);
        Assert.True(list.DisableCheck);
        Assert.False(list.DisableGc);
        Assert.Equal(["causeway", "portmap"], list.Plugins.Select(p => p.Type));
        Assert.Equal(["portMappings"], list.Plugins[1].Capabilities);
    }

    [Fact]
    public void A_single_configuration_is_a_list_of_one() =>
        Assert.Equal("ptp", NetworkList.Parse("""{"cniVersion":"0.4.0","name":"n","type":"ptp"}""", "f").Plugins.Single().Type);

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("""{"cniVersion":"1.0.0","plugins":[{"type":"a"}]}""", "name")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n"}""", "plugins")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","plugins":[]}""", "plugins")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"a"},{"type":"../b"}]}""", "plugins[1].type")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"a","capabilities":{"x":1}}]}""", "plugins[0].capabilities.x")]
    [InlineData("""{"cniVersion":"3.0.0","name":"n","plugins":[{"type":"a"}]}""", "cniVersion")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","disableCheck":"perhaps","plugins":[{"type":"a"}]}""", "disableCheck")]
    public void A_wrong_list_names_file_and_field(string json, string named)
    {
        var message = Assert.Throws<InputException>(() => NetworkList.Parse(json, "/etc/cni/x.conflist")).Message;
        Assert.StartsWith("/etc/cni/x.conflist: ", message);
        Assert.Contains(named, message);
    }

    [Fact]
    public void Any_text_is_a_list_or_an_input_error() => Gen.String.Sample(text =>
    {
        try
        {
            NetworkList.Parse(text, "f");
        }
        catch (InputException)
        {
        }
    });
}
