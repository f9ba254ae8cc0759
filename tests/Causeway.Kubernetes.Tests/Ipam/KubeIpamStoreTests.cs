using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using Causeway.Kubernetes.Ipam;

namespace Causeway.Kubernetes.Tests.Ipam;

public sealed class KubeIpamStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Prefix Cidr = Prefix.Parse("10.0.0.0/26");

    [Fact]
    public async Task Outcomes_are_those_of_the_api()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        var store = new KubeIpamStore(client);
        var block = IpamObjects.NewBlock(Cidr, "n1");
        var made = (await store.CreateBlock(block, None)).Value!;
        Assert.Equal(StoreOutcome.Exists, (await store.CreateBlock(block, None)).Outcome);
        var changed = await store.ReplaceBlock(made, None);
        Assert.True(changed.IsDone);
        Assert.Equal(StoreOutcome.Conflict, (await store.ReplaceBlock(made, None)).Outcome);
        Assert.Equal(StoreOutcome.Conflict, await store.DeleteBlock(made, None));
        Assert.Equal(StoreOutcome.Done, await store.DeleteBlock(changed.Value!, None));
        Assert.Equal(StoreOutcome.NotFound, await store.DeleteBlock(changed.Value!, None));
        Assert.Null(await store.GetBlock(block.Metadata.Name, None));
    }

    [Fact]
    public async Task An_assignment_through_the_api_is_one_write_once_the_node_has_a_block()
    {
        await using var server = await new FakeApiServer().Start();
        using var client = server.Client();
        var pool = new IpPool { Metadata = new() { Name = "p" }, Spec = new() { Cidr = "10.0.0.0/16" } };
        var view = new IpamView(PoolSet.Of([pool]), null);
        await using var ipam = new IpamClient(
            new KubeIpamStore(client), "n1", () => view, TimeProvider.System);
        Assert.True((await ipam.Assign(new("a/eth0", [IpFamily.V4]), None)).IsAssigned);
        var before = server.Requests.Count;
        Assert.True((await ipam.Assign(new("b/eth0", [IpFamily.V4]), None)).IsAssigned);
        Assert.Equal("PUT", Assert.Single(server.Requests.Skip(before)).Method);
        Assert.Single(await ipam.Release("a/eth0", None));
    }
}
