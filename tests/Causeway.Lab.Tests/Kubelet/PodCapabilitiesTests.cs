using Causeway.Lab.Kubelet.Network;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class PodCapabilitiesTests
{
    [Fact]
    public void Host_ports_become_port_mappings()
    {
        var pod = Pod("p", specJson: """
            {"containers":[{"ports":[{"containerPort":80,"hostPort":8080},{"containerPort":81},
              {"containerPort":53,"hostPort":53,"protocol":"UDP","hostIP":"10.0.0.1"}]}]}
            """);
        Assert.Equal(
            """[{"hostPort":8080,"containerPort":80,"protocol":"tcp"},"""
            + """{"hostPort":53,"containerPort":53,"protocol":"udp","hostIP":"10.0.0.1"}]""",
            PodCapabilities.Of(pod)["portMappings"].GetRawText());
        Assert.Empty(PodCapabilities.Of(Pod("q")));
    }

    [Theory]
    [InlineData("10M", 10_000_000L)]
    [InlineData("1Gi", 1L << 30)]
    [InlineData("1.5k", 1500L)]
    [InlineData("1500m", 2L)]
    [InlineData("fast", null)]
    [InlineData("", null)]
    public void Quantities_are_read(string text, long? expected) =>
        Assert.Equal(expected, PodCapabilities.ParseQuantity(text));
}
