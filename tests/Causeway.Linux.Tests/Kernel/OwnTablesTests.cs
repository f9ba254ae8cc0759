using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Naming.NodeLocal;
using Causeway.Core.Routing;
using Causeway.Linux.Kernel;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Causeway.Linux.Tests.Namespaces;
using Causeway.Linux.Tests.Netfilter;

namespace Causeway.Linux.Tests.Kernel;

/// <summary>The tables that are planned for a node are written without nft, and listed as if it had written them.</summary>
public sealed class OwnTablesTests : IDisposable
{
    private readonly TestNamespace _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("10.244.0.0/16")]
    [InlineData("10.244.0.0/17,10.244.128.0/17,192.0.2.1/32,fd00:244::/64")]
    [InlineData("0.0.0.0/0,::/0")]
    [InlineData("128.0.0.0/1,fd00::/8,fd00:1::/64")]
    public void Masquerading(string pools) => AssertSame(Masquerade(pools));

    [Fact]
    public void Masquerading_of_more_pools_than_one_message_or_comment_holds() => AssertSame(Masquerade(
        string.Join(',', Enumerable.Range(0, 1200).Select(i => $"fd00:{i:x}::/64"))));

    [Fact]
    public void A_node_local_cache() => AssertSame(new NodeLocalPlan(
        [NodeLocalPlan.DefaultAddress, IpAddress.Parse("fd00::a")], 53).Entries.OfType<NftTable>().Single());

    [Fact]
    public void A_removed_table_is_gone_whether_it_was_there_or_not()
    {
        using var driver = KernelDriver.Open(_node.Path);
        var table = Masquerade("10.244.0.0/16");
        driver.Ensure(table);
        Assert.NotEqual("", _node.Run("nft list ruleset"));
        for (var i = 0; i < 2; i++)
        {
            Assert.Empty(driver.Apply([new Delete(table)]));
            Assert.Equal("", _node.Run("nft list ruleset"));
        }
    }

    [Fact]
    public void It_is_listed_again_only_where_a_transaction_was_not_told_of_or_news_were_lost()
    {
        using var driver = KernelDriver.Open(_node.Path);
        var table = Masquerade("10.244.0.0/16");
        IEnumerable<Entry> Known() => driver.CaptureOurs(EntryKind.NftTable).Entries.OfType<NftTable>();
        Assert.Empty(Known());
        driver.Ensure(table);
        Assert.Equal([table], Known());

        // A flush that is told of as somebody else's table's: it is believed, so the table is not listed.
        _node.Run("nft flush chain inet causeway postrouting");
        driver.Pass(new RulesetChanged(new HashSet<string> { "other" }, 1, Generation()));
        Assert.Equal([table], Known());

        _node.Run("nft add table ip other");
        _node.Run("nft delete table ip other");
        driver.Pass(new RulesetChanged(new HashSet<string> { "other" }, 1, Generation()));
        var flushed = Assert.Single(Known());
        Assert.NotEqual(table, flushed);

        driver.Ensure(table);
        _node.Run("nft flush chain inet causeway postrouting");
        driver.DoubtTable();
        driver.Pass(new RulesetChanged(new HashSet<string> { "other" }, 1, Generation()));
        Assert.Equal([flushed], Known());
    }

    private uint Generation()
    {
        using var socket = NetlinkSocket.OpenNetfilter(_node.Path);
        return NftQuery.Generation(socket)!.Value;
    }

    private void AssertSame(NftTable table)
    {
        var wanted = NftListing.ByTool(table);
        // The second time over what is there.
        for (var i = 0; i < 2; i++)
        {
            NftListing.Commit(_node, writer => writer.Replace(table));
            Assert.Equal(wanted, NftListing.Of(_node, table.Family, table.Name));
        }
    }

    private static NftTable Masquerade(string pools)
    {
        NodePlanner planner = new("n1", static (_, _) => { });
        // Without its node nothing is planned: a thousand pools are then one plan and not a thousand.
        foreach (var (i, cidr) in pools.Split(',').Index())
            planner.Set(new IpPool { Metadata = new() { Name = $"p{i}" }, Spec = new() { Cidr = cidr, NatOutgoing = true } });
        planner.Set(new Node
        {
            Metadata = new()
            {
                Name = "n1",
                Annotations = new NodeNetwork("eth0", 1500, [InterfaceAddress.Parse("192.0.2.7/24")], []).ToAnnotations(),
            },
        });
        return planner.Entries.OfType<NftTable>().Single();
    }
}
