using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Causeway.Linux.Tests.Namespaces;
using Causeway.Linux.Tests.Netfilter;

namespace Causeway.Linux.Tests.Services;

/// <summary>The services' table as netlink makes and repairs it, against what nft says.</summary>
public sealed class NftSkeletonTests : IDisposable
{
    private static readonly IpFamily[] Both = [IpFamily.V4, IpFamily.V6];

    private static readonly ServicesScope Pods = new()
    {
        // Beside each other, and up to the last address.
        ClusterCidrs = [.. Prefixes("10.244.0.0/17 10.244.128.0/17 255.0.0.0/8 fd00:244::/64 fd00:244:0:1::/64 ff00::/8")],
    };

    private readonly TestNamespace _node = new();
    private readonly NetlinkSocket _socket;

    public NftSkeletonTests() => _socket = NetlinkSocket.OpenNetfilter(_node.Path);

    public void Dispose()
    {
        _socket.Dispose();
        _node.Dispose();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("10.244.0.0/17 10.244.128.0/17 255.0.0.0/8 192.0.2.1/32 fd00:244::/64 ff00::/8", "")]
    [InlineData("0.0.0.0/0 ::/0", "10.0.0.0/8 172.16.0.0/12 192.0.2.1/32 fd00::/64 fd00:1::/61 2001:db8::1/128")]
    [InlineData("", "0.0.0.0/0 ::/0")]
    [InlineData("", "10.0.0.0/8")]
    public void It_is_listed_as_the_one_that_nft_makes(string pods, string nodePorts)
    {
        ServicesScope scope = new() { ClusterCidrs = [.. Prefixes(pods)], NodePortAddresses = [.. Prefixes(nodePorts)] };
        NftServiceTable.Declare(_socket, Both, scope);
        foreach (var family in Both)
        {
            ImmutableArray<NftClass> sticky = [new(false, NftSource.OffCluster, 2, AffinitySeconds: 60)];
            var (sets, table) = (NftSkeleton.ClientSets(family, sticky), NftSkeleton.Table(family, scope));
            NftListing.Commit(_node, writer => writer.AddSets(table.Family, table.Name, sets));
            Assert.Equal(NftListing.ByTool(table with { Sets = [.. table.Sets, .. sets] }), Listing(family));
        }
    }

    [Theory]
    [InlineData("flush chain TABLE guard")]
    [InlineData("flush chain TABLE nat-prerouting; delete chain TABLE nat-prerouting")]
    [InlineData("flush chain TABLE nat-output; flush chain TABLE nat-prerouting; flush chain TABLE translate; delete chain TABLE translate")]
    [InlineData("add rule TABLE translate drop; insert rule TABLE masquerading accept")]
    [InlineData("add chain TABLE filter-output { policy drop; }")]
    [InlineData("flush set TABLE cluster-cidrs; add element TABLE cluster-cidrs { OTHER }")]
    [InlineData("flush chain TABLE guard; delete set TABLE source-ranges")]
    [InlineData("add table TABLE { flags dormant; }")]
    public void What_was_broken_is_repaired_and_elements_stay(string how)
    {
        NftServiceTable.Declare(_socket, Both, Pods);
        foreach (var family in Both)
        {
            NftElements elements = new(_socket, family, NftSets.Table);
            elements.Change([], [Service(family)]);
            var before = Listing(family);
            _node.Run($"nft '{how.Replace("TABLE", $"{family.Word} {NftSets.Table}", StringComparison.Ordinal)
                .Replace("OTHER", family == IpFamily.V4 ? "192.0.2.0/24" : "2001:db8::/32", StringComparison.Ordinal)}'");
            Assert.NotEqual(before, Listing(family));
            NftServiceTable.Declare(_socket, Both, Pods);
            Assert.Equal(before, Listing(family));
            Assert.Equal([Service(family).Key], elements.Read(NftSets.ServiceIps.Name).Keys);
        }
    }

    [Theory]
    [InlineData("add set TABLE guarded { type inet_service; }")]
    [InlineData("add set TABLE service-ips { type inet_service; }")]
    [InlineData("add chain TABLE guard-output { type filter hook input priority 7; }")]
    public void What_has_another_shape_makes_way_in_its_own_table_alone(string other)
    {
        NftServiceTable.Declare(_socket, Both, Pods);
        NftElements elements = new(_socket, IpFamily.V4, NftSets.Table);
        elements.Change([], [Service(IpFamily.V4)]);
        var wanted = Listing(IpFamily.V6);
        var table = $"{IpFamily.V6.Word} {NftSets.Table}";
        _node.Run($"nft 'delete table {table}; add table {table}; {other.Replace("TABLE", table, StringComparison.Ordinal)}'");
        NftServiceTable.Declare(_socket, Both, Pods);
        Assert.Equal(wanted, Listing(IpFamily.V6));
        Assert.Single(elements.Read(NftSets.ServiceIps.Name));
    }

    [Fact]
    public void It_goes_whether_it_is_there_or_not()
    {
        NftServiceTable.Declare(_socket, [IpFamily.V4], Pods);
        NftServiceTable.Remove(_socket, Both);
        Assert.Equal("", _node.Run("nft list ruleset"));
        NftServiceTable.Remove(_socket, Both);
        Assert.Equal("", _node.Run("nft list ruleset"));
    }

    private NftListing Listing(IpFamily family) => NftListing.Of(_node, family.Word, NftSets.Table);

    private static IEnumerable<Prefix> Prefixes(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => Prefix.Parse(p));

    // To a chain that is in every table.
    private static NftElement Service(IpFamily family) => new(
        new(NftSets.ServiceIps.Name, NftData.Of(IpAddress.Parse(family == IpFamily.V4 ? "10.96.0.1" : "fd00:96::1"))
            .Then(TransportProtocol.Tcp).Then(80)),
        NftElementValue.Goto("discard", "ns/svc"));
}
