using System.Text.Json.Nodes;
using System.Threading.Channels;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using Causeway.Kubernetes.Ipam;
using Causeway.Kubernetes.Watching;

namespace Causeway.Kubernetes.Tests;

/// <summary>The client and address management against the lab's API server, over TLS.</summary>
public sealed class LabServerTests
{
    private static readonly IpPool Four = Pool("four", "10.0.0.0/16");
    private static readonly IpPool Six = Pool("six", "fd00::/64");

    [Fact]
    public async Task Schemas_take_a_good_pool_with_its_defaults_and_refuse_a_bad_one()
    {
        await using var server = await LabServer.Start();
        using var client = server.Client();
        var tree = KubeTypes.Tree(ApiResources.IpPools);
        var good = JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"cidr":"10.0.0.0/16"}}""")!.AsObject();
        await client.Create(tree, good);
        Assert.Equal(
            new IpPoolSpec { Cidr = "10.0.0.0/16" }, (await client.Get(KubeTypes.IpPools, "p")).Spec);
        string[] faults =
        [
            """{"cidr":"ten"}""",
            """{}""",
            """{"cidr":"10.0.0.0/16","blockSize":7}""",
            """{"cidr":"10.0.0.0/16","encapsulation":"vxlan"}""",
        ];
        foreach (var spec in faults)
        {
            var bad = new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "bad" },
                ["spec"] = JsonNode.Parse(spec),
            };
            var e = await Assert.ThrowsAsync<KubeException>(() => client.Create(tree, bad));
            Assert.True(e.IsInvalid, e.Message);
        }
    }

    [Fact]
    public async Task Patches_and_deletes_speak_the_servers_language()
    {
        await using var server = await LabServer.Start();
        using var client = server.Client();
        var made = await client.Create(KubeTypes.IpPools, Four);
        var merged = await client.Patch(KubeTypes.IpPools, "four", PatchFormat.Merge,
            JsonNode.Parse("""{"spec":{"disabled":true}}""")!);
        Assert.True(merged.Spec.Disabled);
        var json = await client.Patch(KubeTypes.IpPools, "four", PatchFormat.Json,
            JsonNode.Parse("""[{"op":"replace","path":"/spec/disabled","value":false}]""")!);
        Assert.False(json.Spec.Disabled);
        var applied = await client.Patch(KubeTypes.IpPools, "four", PatchFormat.Apply, JsonNode.Parse("""
            {"apiVersion":"causeway.dev/v1","kind":"IPPool","metadata":{"name":"four"},
             "spec":{"cidr":"10.0.0.0/16","strictAffinity":true}}
            """)!, options: new(FieldManager: "test", Force: true));
        Assert.True(applied.Spec.StrictAffinity);
        var stale = await Assert.ThrowsAsync<KubeException>(() => client.Delete(
            KubeTypes.IpPools, "four", options: new(ResourceVersion: made.Metadata.ResourceVersion)));
        Assert.True(stale.IsConflict, stale.Message);
        await client.Delete(KubeTypes.IpPools, "four", options: new(made.Metadata.Uid));
        Assert.Null(await client.Find(KubeTypes.IpPools, "four"));
    }

    [Fact]
    public async Task Reflector_rides_out_a_restart_of_the_server()
    {
        await using var server = await LabServer.Start();
        using var client = server.Client();
        await client.Create(KubeTypes.IpPools, Four);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var told = Channel.CreateUnbounded<string>();
        var reflector = new Reflector<IpPool>(
            client, KubeTypes.IpPools, new() { PageSize = 1 }, TimeProvider.System, new Random(1));
        var run = reflector.Run(
            c => told.Writer.WriteAsync($"{c.Kind} {c.Object?.Metadata.Name}".Trim()), stop.Token);
        Assert.Equal("Added four", await told.Reader.ReadAsync(stop.Token));
        Assert.Equal("Synced", await told.Reader.ReadAsync(stop.Token));
        await client.Create(KubeTypes.IpPools, Six);
        Assert.Equal("Added six", await told.Reader.ReadAsync(stop.Token));
        await server.Stop();
        while (reflector.Statistics.Errors == 0) await Task.Delay(10, stop.Token);
        await server.Open();
        await client.Delete(KubeTypes.IpPools, "four", cancel: stop.Token);
        Assert.Equal("Deleted four", await told.Reader.ReadAsync(stop.Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Nodes_that_race_through_the_api_share_nothing()
    {
        const int nodes = 6;
        const int pods = 30;
        await using var server = await LabServer.Start();
        using var client = server.Client();
        var view = new IpamView(
            PoolSet.Of([Pool("four", "10.0.0.0/24", 29), Pool("six", "fd00::/120", 125)]), null);
        var lives = Enumerable.Range(0, nodes).Select(n => Task.Run(async () =>
        {
            await using var ipam = new IpamClient(
                new KubeIpamStore(client), $"n{n}", () => view, TimeProvider.System);
            var all = await Task.WhenAll(Enumerable.Range(0, pods).Select(p => ipam.Assign(
                new($"n{n}-p{p}/eth0", [IpFamily.V4, IpFamily.V6]), CancellationToken.None)));
            await Task.WhenAll(Enumerable.Range(0, pods / 2).Select(
                p => ipam.Release($"n{n}-p{p}/eth0", CancellationToken.None)));
            return all.Skip(pods / 2).SelectMany(r => r.Addresses).Select(a => a.Address.ToString()).ToList();
        }));
        var held = (await Task.WhenAll(lives)).SelectMany(a => a).Order().ToList();
        Assert.Equal(nodes * pods, held.Distinct().Count());
        var blocks = (await client.List(KubeTypes.IpamBlocks)).Items;
        Assert.Equal(held, blocks.SelectMany(b => b.Spec.Allocations).Select(a => a.Address).Order());
        var state = new IpamState([], blocks, (await client.List(KubeTypes.BlockAffinities)).Items, [],
            [.. Enumerable.Range(0, nodes).Select(n => new Node { Metadata = new() { Name = $"n{n}" } })]);
        Assert.DoesNotContain(IpamCheck.Run(state), p => p.Code != "block-outside-pool");
    }

    private static IpPool Pool(string name, string cidr, int? blockSize = null) => new()
    {
        Metadata = new() { Name = name },
        Spec = new() { Cidr = cidr, BlockSize = blockSize },
    };
}
