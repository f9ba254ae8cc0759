using Causeway.Core.Addressing;
using Causeway.Core.Services.Nftables;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Netfilter;

/// <summary>Elements by netlink against what <c>nft</c> says of the same sets.</summary>
public sealed class NftElementsTests : IDisposable
{
    private const string Table = """
        table ip t {
            map services {
                typeof ip daddr . meta l4proto . th dport : verdict
                counter
            }
            map endpoints {
                typeof ip daddr . meta l4proto . th dport . numgen random mod 2 : ip daddr . tcp dport
            }
            set guarded {
                typeof ip daddr . ip saddr
                flags interval
            }
            chain pick { }
            chain other { }
        }
        """;

    private readonly TestNamespace _node = new();
    private readonly NetlinkSocket _socket;
    private readonly NftElements _elements;

    public NftElementsTests()
    {
        _node.Run($"nft -f - <<'END'\n{Table}\nEND");
        _socket = NetlinkSocket.OpenNetfilter(_node.Path);
        _elements = new NftElements(_socket, IpFamily.V4, "t");
    }

    public void Dispose()
    {
        _socket.Dispose();
        _node.Dispose();
    }

    [Fact]
    public void What_is_added_is_what_nft_lists_and_what_is_read_back()
    {
        NftElement[] all =
        [
            Service(1, "pick"), Endpoint(1, 0, "10.244.0.5"), Endpoint(1, 1, "10.244.1.9"),
            new(new("guarded", Address("10.96.0.1").Then(IpAddress.Parse("192.0.2.0")),
                Address("10.96.0.1").Then(IpAddress.Parse("192.0.2.255"))), default),
        ];
        _elements.Change([], all);

        var listed = _node.Run("nft list table ip t");
        Assert.Contains("10.96.0.1 . tcp . 80 counter packets 0 bytes 0 comment \"ns/svc-1\" : goto pick", listed, StringComparison.Ordinal);
        Assert.Contains("10.96.0.1 . tcp . 80 . 1 : 10.244.1.9 . 8080", listed, StringComparison.Ordinal);
        Assert.Contains("10.96.0.1 . 192.0.2.0/24", listed, StringComparison.Ordinal);
        foreach (var set in all.GroupBy(e => e.Key.Set))
            Assert.Equal(set.ToDictionary(e => e.Key, e => e.Value), _elements.Read(set.Key));
    }

    [Fact]
    public void An_element_gets_another_value_in_one_transaction()
    {
        _elements.Change([], [Service(1, "pick"), Service(2, "pick")]);
        _elements.Change([Service(1, "pick").Key], [Service(1, "other")]);
        var services = _elements.Read("services");
        Assert.Equal("other", services[Service(1, "pick").Key].Chain);
        Assert.Equal("pick", services[Service(2, "pick").Key].Chain);
    }

    [Fact]
    public void A_refused_transaction_changes_nothing()
    {
        _elements.Change([], [Service(1, "pick")]);
        var error = Assert.Throws<NetlinkException>(
            () => _elements.Change([Service(1, "pick").Key], [Service(2, "pick"), Service(3, "nowhere")]));
        Assert.Contains("table t", error.Message, StringComparison.Ordinal);
        Assert.Equal([Service(1, "pick").Key], _elements.Read("services").Keys);
        // The socket is in order after it.
        _elements.Change([Service(1, "pick").Key], []);
        Assert.Empty(_elements.Read("services"));
    }

    [Fact]
    public async Task Tens_of_thousands_go_in_and_out()
    {
        NftElement[] all = [.. Enumerable.Range(0, 30_000).Select(i => Service(i, "pick"))];
        _elements.Change([], all);
        await Until.True(() => _elements.Count("services").Count == all.Length);
        _elements.Change([.. all.Select(e => e.Key)], []);
        Assert.Empty(_elements.Read("services"));
    }

    private static NftData Address(string address) => NftData.Of(IpAddress.Parse(address));

    private static NftData Key(int number) =>
        NftData.Of(IpAddress.V4(0x0A60_0000u + (uint)number)).Then(TransportProtocol.Tcp).Then(80);

    private static NftElement Service(int number, string chain) =>
        new(new("services", Key(number)), NftElementValue.Goto(chain, $"ns/svc-{number}"));

    private static NftElement Endpoint(int number, int index, string address) => new(
        new("endpoints", Key(number).ThenIndex(index)), NftElementValue.Of(Address(address).Then(8080)));
}
