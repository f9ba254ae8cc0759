using Causeway.Lab.Nodes;

namespace Causeway.Lab.Tests.Nodes;

public sealed class CniInstallationTests
{
    [Fact]
    public void The_list_holds_the_nodes_socket_and_the_chain()
    {
        var cni = new CniInstallation("/x/causeway-cni", [("portmap", "/usr/lib/cni/portmap")], "1.0.0");
        Assert.Equal(
            """
            {"cniVersion":"1.0.0","name":"causeway","plugins":[{"type":"causeway","socket":"/run/causeway/n1/agent.sock"},{"type":"portmap","capabilities":{"portMappings":true}}]}
            """,
            cni.ConfigurationList(new NodePaths("n1")).ToJsonString());
    }
}
