using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Ipam;
using CsCheck;

namespace Causeway.Core.Tests.Ipam;

public sealed class PoolSetTests
{
    [Theory]
    [InlineData("10.244.0.0/16", null, null, null)]
    [InlineData("10.244.0.0/26", 26, null, null)]
    [InlineData("fd00::/64", null, null, null)]
    [InlineData("10.244.0.7/16", null, "pool-cidr", "has host bits set; the network is 10.244.0.0/16")]
    [InlineData("", null, "pool-cidr", "'' is not a network")]
    [InlineData("10.244.0.0/27", null, "pool-too-small", "10.244.0.0/27 is smaller than one block of /26")]
    [InlineData("10.0.0.0/8", 19, "pool-block-size", "blockSize 19 is out of range")]
    [InlineData("fd00::/64", 26, "pool-block-size", "blockSize 26 is out of range")]
    [InlineData("fd00::/64", 115, "pool-block-size", "blockSize 115 is out of range")]
    public void Pools_are_checked(string cidr, int? blockSize, string? code, string? message)
    {
        var set = PoolSet.Of([IpamWorld.Pool("p", cidr, blockSize)]);
        Assert.Equal(code is null ? 1 : 0, set.Ranges.Count);
        if (code is null) return;
        var problem = Assert.Single(set.Problems);
        Assert.Equal((code, "IPPool/p"), (problem.Code, problem.Object));
        Assert.Contains(message!, problem.Message);
    }

    [Fact]
    public void Bad_selector_names_the_place()
    {
        var pool = IpamWorld.Pool("p", "10.0.0.0/16");
        var set = PoolSet.Of([pool with { Spec = pool.Spec with { NodeSelector = "a in b" } }]);
        Assert.Contains("'(' is expected at character 6", Assert.Single(set.Problems).Message);
    }

    [Fact]
    public void Of_two_that_overlap_the_older_stays_whatever_the_order()
    {
        var old = IpamWorld.Pool("z-old", "10.0.0.0/16", age: 2);
        var young = IpamWorld.Pool("a-young", "10.0.128.0/20", age: 1);
        foreach (var set in new[] { PoolSet.Of([old, young]), PoolSet.Of([young, old]) })
        {
            Assert.Equal("z-old", Assert.Single(set.Ranges).Name);
            Assert.Equal("IPPool/a-young", Assert.Single(set.Problems).Object);
        }
    }

    [Fact]
    public void A_node_is_served_by_enabled_pools_that_select_it_in_order_of_name()
    {
        var gpu = IpamWorld.Pool("a", "10.0.0.0/16");
        gpu = gpu with { Spec = gpu.Spec with { NodeSelector = "gpu" } };
        var off = IpamWorld.Pool("b", "10.1.0.0/16");
        off = off with { Spec = off.Spec with { Disabled = true } };
        var set = PoolSet.Of(
            [IpamWorld.Pool("d", "10.3.0.0/16"), IpamWorld.Pool("c", "10.2.0.0/16"), off, gpu,
            IpamWorld.Pool("six", "fd00::/64")]);
        Assert.Equal(["c", "d"], set.For(IpFamily.V4, null).Select(r => r.Name));
        var labels = new Dictionary<string, string> { ["gpu"] = "" };
        Assert.Equal(["a", "c", "d"], set.For(IpFamily.V4, labels).Select(r => r.Name));
    }

    [Fact]
    public void Claim_order_visits_each_block_once_and_is_the_nodes_own() =>
        Gen.Select(Gen.Int[0, 8], Gen.String.AlphaNumeric).Sample((bits, node) =>
        {
            var pool = PoolSet.Of([IpamWorld.Pool("p", $"10.0.0.0/{26 - bits}")]).Ranges[0];
            var order = pool.ClaimOrder(node).ToList();
            Assert.Equal(1 << bits, order.Distinct().Count());
            Assert.All(order, block => Assert.True(pool.Cidr.Contains(block) && block.Length == 26));
            Assert.Equal(order, pool.ClaimOrder(node));
        });

    [Fact]
    public void Nodes_begin_at_different_places()
    {
        var pool = PoolSet.Of([IpamWorld.Pool("p", "10.0.0.0/8")]).Ranges[0];
        var starts = Enumerable.Range(0, 1000).Select(i => pool.ClaimOrder($"node-{i}").First()).Distinct();
        Assert.True(starts.Count() > 980);
    }
}
