using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Iptables;

namespace Causeway.Core.Tests.Services;

public sealed class ChainNamesTests
{
    [Fact]
    public void Chains_have_the_names_that_operators_know()
    {
        ServicePortName name = new("ns1", "svc1", "p80");
        Assert.Equal("KUBE-SVC-XPGD46QRK7WJZT7O", ChainNames.Cluster(name));
        Assert.Equal("KUBE-EXT-XPGD46QRK7WJZT7O", ChainNames.External(name));
        Assert.Equal("KUBE-SEP-SXIVWICOYRO3J4NJ",
            ChainNames.Endpoint(name, new(IpAddress.Parse("10.180.0.1"), 80)));
    }
}
