using Causeway.Core.Dataplane;
using Causeway.Linux.Kernel;
using Causeway.Linux.Tests.Namespaces;

namespace Causeway.Linux.Tests.Kernel;

public sealed class KernelWatcherTests : IDisposable
{
    private readonly TestNamespace _node = new();
    private readonly KernelWatcher _watcher;

    public KernelWatcherTests() => _watcher = KernelWatcher.Open(_node.Path);

    public void Dispose()
    {
        _watcher.Dispose();
        _node.Dispose();
    }

    [Fact]
    public async Task ChangesOfEachKindAreTold()
    {
        _node.Run("ip link add veth0 type veth peer name veth1");
        await Told(e => e is EntryChanged { Gone: false, Entry: Link { Name: "veth0" } });
        _node.Run("ip link set veth1 up; ip link set veth0 up; ip addr add 192.0.2.1/24 dev veth0");
        await Told(e => e is EntryChanged { Gone: false, Entry: LinkAddress { Device: "veth0" } });
        _node.Run("ip route add 10.0.0.0/24 via 192.0.2.2 proto 202");
        await Told(e => e is EntryChanged { Gone: false, Entry: Route { Protocol: 202, Device: "veth0" } });
        _node.Run("ip -6 route add fd00::/64 dev veth0 proto 202; ip route del 10.0.0.0/24");
        await Told(e => e is EntryChanged { Gone: true, Entry: Route { Protocol: 202 } });
        _node.Run("ip neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev veth0; ip neigh del 192.0.2.7 dev veth0");
        await Told(e => e is EntryChanged { Gone: true, Entry: Neighbour { Device: "veth0" } });
        _node.Run("bridge fdb add 02:00:00:00:00:09 dev veth0 self || true; ip rule add prio 7 table 7");
        await Told(e => e is EntryChanged { Entry: Rule { Priority: 7 } });
        _node.Run("ip link set veth1 down; ip link set veth1 name other");
        await Told(e => e is EntryChanged { Gone: true, Entry: Link { Name: "veth1" } });
        await Told(e => e is EntryChanged { Gone: false, Entry: Link { Name: "other" } });
        _node.Run("nft add table inet t");
        await Told(e => e is RulesetChanged);
    }

    [Fact]
    public async Task SettingsOfForwardingAndProxiesAreTold()
    {
        _node.Run("ip link add veth0 type veth peer name veth1; ip link set veth0 up; ip link set veth1 up");
        await Told(e => e is EntryChanged { Entry: Link { Name: "veth0", Up: true } });
        foreach (var path in new[]
        {
            "net/ipv4/ip_forward", "net/ipv4/conf/veth0/proxy_arp", "net/ipv6/conf/veth0/proxy_ndp",
            "net/ipv6/conf/all/forwarding",
        })
        {
            foreach (var value in new[] { "1", "0" })
            {
                _node.Run($"sysctl -qw {path}={value}");
                await Told(e => e is EntryChanged { Gone: false, Entry: Sysctl s } && s == new Sysctl(path, value));
            }
        }
    }

    [Fact]
    public async Task ForwardingThatIsSwitchedOffForAllIsToldForEachDevice()
    {
        _node.Run("ip link add veth0 type veth peer name veth1; sysctl -qw net.ipv4.ip_forward=1");
        await Told(e => e is EntryChanged { Entry: Sysctl { Path: "net/ipv4/conf/veth1/forwarding", Value: "1" } });
        _node.Run("sysctl -qw net.ipv4.ip_forward=0");
        await Told(e => e is EntryChanged { Entry: Sysctl { Path: "net/ipv4/conf/veth1/forwarding", Value: "0" } });
    }

    [Fact]
    public async Task APortThatLeavesItsBridgeIsNotGone()
    {
        _node.Run("ip link add br0 type bridge; ip link add veth0 type veth peer name veth1; ip link set veth0 master br0");
        await Told(e => e is EntryChanged { Entry: Link { Name: "veth0", Master: "br0" } });
        _node.Run("ip link set veth0 nomaster; ip link set veth0 mtu 1400");
        while (await Next() is var news)
        {
            Assert.False(news is EntryChanged { Gone: true, Entry: Link { Name: "veth0" } });
            if (news is EntryChanged { Entry: Link { Name: "veth0", Mtu: 1400 } }) break;
        }
    }

    [Fact]
    public async Task NewsThatNobodyReadsEndInACallToReadAgain()
    {
        using var driver = KernelDriver.Open(_node.Path);
        var routes = Enumerable.Range(0, 20_000).Select(i => (Operation)new Upsert(new Route
        {
            Destination = Core.Addressing.IpAddress.V4((uint)i + 0x0A000000).Host, Kind = RouteKind.Blackhole, Protocol = 202,
        }, null)).ToList();
        Assert.Empty(driver.Apply(routes));
        await Until.True(() => _watcher.Events.Count > 1000);
        await Told(e => e is KindsSuspect { Kinds.Count: > 1 }, nudge: true);
    }

    [Fact]
    public async Task DisposingEndsTheNews()
    {
        _watcher.Dispose();
        await foreach (var _ in _watcher.Events.ReadAllAsync()) { }
    }

    private async Task Told(Func<KernelEvent, bool> wanted, bool nudge = false)
    {
        var number = 0;
        while (!wanted(await Next()))
            if (nudge && _watcher.Events.Count == 0) _node.Run($"ip link set lo mtu {1500 + number++}");
    }

    private async Task<KernelEvent> Next()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _watcher.Events.ReadAsync(timeout.Token);
    }
}
