using Causeway.Agent;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Causeway.Tests.Agent;

/// <summary>The agent's loop against a kernel that behaves.</summary>
public sealed class ReconcilerTests : IAsyncLifetime
{
    private readonly FakeKernel _kernel = new();

    // The loop and the test use the kernel at the same time.
    private readonly Lock _lock = new();
    private readonly Reconciler _reconciler;
    private readonly AgentMetrics _metrics = new();
    private readonly CancellationTokenSource _end = new();
    private string? _refusal;
    private int _captures;
    private int _settingCaptures;
    private Task _running = Task.CompletedTask;

    public ReconcilerTests()
    {
        _kernel.AddDevice(new Link { Name = "eth0", Mtu = 1500 });
        _kernel.Apply([new Upsert(new LinkAddress { Device = "eth0", Address = InterfaceAddress.Parse("172.30.0.11/24") }, null)]);
        var port = new KernelPort(
            kinds =>
            {
                _captures++;
                if (kinds.Contains(EntryKind.Sysctl)) _settingCaptures++;
                lock (_lock) return _kernel.Capture([.. kinds]);
            },
            operations => _refusal is null ? Apply(operations) : [.. operations.Select(o => (o, _refusal))],
            name => Kernel.Link(name));
        _reconciler = new Reconciler(
            "n1", port, link => Remove(link.Key), _metrics, new AgentLog(NullLogger.Instance), TimeProvider.System);
        _kernel.Changed = (key, entry) => _reconciler.Observed(key, entry);
        foreach (var item in Objects()) _reconciler.Set(item);
    }

    public ValueTask InitializeAsync()
    {
        _running = _reconciler.RunAsync(_end.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _end.Dispose();
    }

    [Fact]
    public async Task Nothing_is_touched_before_the_API_has_told_everything()
    {
        var leftover = new Route { Destination = Prefix.Parse("10.244.9.0/26"), Device = "eth0", Protocol = Ownership.RouteProtocol, Scope = Scope.Link };
        Apply([new Upsert(leftover, null)]);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.NotNull(Kernel[leftover.Key]);

        _reconciler.Start();
        Assert.Null(await _reconciler.EnsureAsync(leftover.Key));
        Assert.Null(Kernel[leftover.Key]);
        Assert.NotNull(RemoteRoute);
    }

    [Fact]
    public async Task A_route_that_somebody_deletes_comes_back_and_is_counted()
    {
        await StartAsync();
        var route = RemoteRoute!;
        Remove(route.Key);
        Assert.Null(await _reconciler.EnsureAsync(route.Key));
        Assert.NotNull(RemoteRoute);
        Assert.Equal(1, _metrics.Repairs.Value);
    }

    [Fact]
    public async Task A_setting_that_somebody_changes_comes_back()
    {
        await StartAsync();
        var planned = new Sysctl("net/ipv4/ip_forward", "1");
        Assert.Equal("1", Kernel.Sysctl(planned.Path));
        var changed = planned with { Value = "0" };
        Apply([new Upsert(changed, planned)]);
        Assert.Null(await _reconciler.EnsureAsync(planned.Key));
        Assert.Equal("1", Kernel.Sysctl(planned.Path));
        Assert.Equal(1, _metrics.Repairs.Value);
    }

    [Fact]
    public async Task News_of_settings_that_are_as_planned_cost_no_look_at_the_kernel()
    {
        await StartAsync();
        var device = EndpointDevice.NameOf("web-container/eth0");
        var address = IpAddress.Parse("10.244.0.5");
        _reconciler.Set(Block("10.244.0.0/26", "n1", ("10.244.0.5", "n1", "web")));
        var looks = _settingCaptures;
        // As the kernel tells of a new device, and then of what the plugin and the agent write. The loop does its part as
        // soon as it sees the device: news of before must not come after that.
        _reconciler.Observed(new EntryKey(EntryKind.Sysctl, $"net/ipv4/conf/{device}/proxy_arp"), new Sysctl($"net/ipv4/conf/{device}/proxy_arp", "0"));
        AddDevice(new Link { Name = device, Kind = "veth" });
        Assert.Null(await _reconciler.MissingAsync(device, [address]));
        foreach (var (path, value) in EndpointPlan.Settings(device, IpFamily.V4))
            _reconciler.Observed(new EntryKey(EntryKind.Sysctl, path), new Sysctl(path, value));
        _reconciler.Observed(new EntryKey(EntryKind.Sysctl, "net/ipv4/conf/eth9/forwarding"), new Sysctl("net/ipv4/conf/eth9/forwarding", "0"));
        Assert.Null(await _reconciler.EnsureAsync());
        Assert.Equal(looks, _settingCaptures);
        Assert.Equal("1", Kernel.Sysctl($"net/ipv4/conf/{device}/proxy_arp"));
    }

    [Fact]
    public async Task A_device_that_is_taken_down_comes_back_with_all_that_stood_on_it()
    {
        await StartAsync();
        var link = Kernel.Link(Ownership.VxlanDevice)!;
        Apply([new Upsert(link with { Up = false }, link)]);
        Assert.Null(await _reconciler.EnsureAsync(link.Key, RemoteRoute?.Key ?? default));
        Assert.True(Kernel.Link(Ownership.VxlanDevice)!.Up);
        Assert.NotNull(RemoteRoute);
        Assert.NotEmpty(Kernel.All<Neighbour>());
    }

    [Fact]
    public async Task Late_news_of_how_a_pods_device_began_cost_no_look_at_the_node()
    {
        var link = await InstallUnannouncedAsync();
        var looks = _settingCaptures;
        _reconciler.Observed(link.Key, link with { Up = false });
        _reconciler.Observed(link.Key, link);
        Assert.Null(await _reconciler.EnsureAsync());
        Assert.Equal(looks, _settingCaptures);

        // From then on it is news again.
        _reconciler.Observed(link.Key, link with { Up = false });
        Assert.Null(await _reconciler.EnsureAsync());
        Assert.Equal(looks + 1, _settingCaptures);
    }

    [Fact]
    public async Task News_of_a_pods_device_from_before_and_after_its_installation_cost_no_look_at_the_node()
    {
        await StartAsync();
        var device = EndpointDevice.NameOf("web-container/eth0");
        _kernel.Changed = null;
        var captures = _captures;
        // Told of while it is made, before the plugin asks for its installation.
        AddDevice(new Link { Name = device, Kind = "veth" });
        var made = Kernel.Link(device)! with { Up = false };
        _reconciler.Observed(made.Key, made);
        Assert.Null(await _reconciler.EnsureAsync());
        Assert.Null(await _reconciler.InstallAsync(device, [IpAddress.Parse("10.244.0.5")], null));
        // And of its way up once it has been read as up.
        _reconciler.Observed(made.Key, made with { Mtu = 1450 });
        _reconciler.Observed(made.Key, Kernel.Link(device));
        Assert.Null(await _reconciler.EnsureAsync());
        Assert.Equal(captures, _captures);
    }

    [Fact]
    public async Task News_of_a_device_that_never_catch_up_are_taken_after_a_second()
    {
        var link = await InstallUnannouncedAsync();
        var looks = _settingCaptures;
        _reconciler.Observed(link.Key, link with { Up = false });
        while (_settingCaptures == looks) await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_pod_is_installed_when_its_device_is_there_and_withdrawn_at_once()
    {
        await StartAsync();
        var block = Block("10.244.0.0/26", "n1", ("10.244.0.5", "n1", "web"));
        var device = EndpointDevice.NameOf("web-container/eth0");
        var address = IpAddress.Parse("10.244.0.5");
        _reconciler.Set(block);
        Assert.Contains(device, await _reconciler.InstallAsync(device, [address], null));

        AddDevice(new Link { Name = device, Kind = "veth" });
        Assert.Null(await _reconciler.InstallAsync(device, [address], null));
        Assert.Contains(Kernel.All<Route>(), r => r.Device == device);

        await _reconciler.WithdrawAsync(device);
        Assert.DoesNotContain(Kernel.All<Route>(), r => r.Device == device);
        Assert.False(Kernel.Link(device)!.Up);
    }

    [Fact]
    public async Task A_pod_whose_addresses_are_being_written_is_installed_and_stays_when_they_are_and_goes_when_not()
    {
        await StartAsync();
        var address = IpAddress.Parse("10.244.0.5");
        var block = Block("10.244.0.0/26", "n1", ("10.244.0.5", "n1", "web"));
        var device = EndpointDevice.NameOf("web-container/eth0");
        AddDevice(new Link { Name = device, Kind = "veth" });
        Assert.Null(await _reconciler.InstallAsync(device, [address], null));
        Assert.Contains(Kernel.All<Route>(), r => r.Device == device);

        _reconciler.Set(block);
        _reconciler.Written(device);
        Assert.Null(await _reconciler.MissingAsync(device, [address]));
        Assert.Contains(Kernel.All<Route>(), r => r.Device == device);
        Assert.Equal(0, _metrics.Repairs.Value);

        // Another writer was faster: the block has it for somebody else.
        _reconciler.Set(block with { Spec = block.Spec with { Sequence = 9, Allocations = [] } });
        Assert.Null(await _reconciler.EnsureAsync());
        Assert.DoesNotContain(Kernel.All<Route>(), r => r.Device == device);
    }

    [Fact]
    public async Task What_the_kernel_refuses_is_tried_again_until_it_works()
    {
        _refusal = "no room";
        _reconciler.Start();
        await _reconciler.EnsureAsync();
        Assert.False(_reconciler.Settled);
        Assert.Contains(_reconciler.Refusals, r => r.Contains("no room", StringComparison.Ordinal));

        _refusal = null;
        while (!_reconciler.Settled) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.NotNull(RemoteRoute);
    }

    [Fact]
    public async Task An_old_version_of_a_block_does_not_undo_a_newer_one()
    {
        await StartAsync();
        var device = EndpointDevice.NameOf("web-container/eth0");
        AddDevice(new Link { Name = device, Kind = "veth" });
        var newer = Block("10.244.0.0/26", "n1", ("10.244.0.5", "n1", "web"));
        _reconciler.Set(newer with { Spec = newer.Spec with { Sequence = 7 } });
        _reconciler.Set(newer with { Spec = newer.Spec with { Sequence = 6, Allocations = [] } });
        Assert.Null(await _reconciler.MissingAsync(device, [IpAddress.Parse("10.244.0.5")]));
    }

    [Fact]
    public async Task An_entry_that_never_stays_does_not_keep_the_processor_busy()
    {
        await StartAsync();
        var route = RemoteRoute!;
        var applied = 0;
        _kernel.Changed = (key, entry) =>
        {
            _reconciler.Observed(key, entry);
            if (key != route.Key || entry is null) return;
            applied++;
            Remove(key);
        };
        Remove(route.Key);
        while (_reconciler.Settled) await Task.Delay(10, TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.InRange(applied, 1, 100);
        Assert.Contains(_reconciler.Refusals, r => r.Contains("does not stay", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_asks_after_the_loop_has_ended_is_not_kept_waiting()
    {
        await StartAsync();
        await _end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        var patience = TimeSpan.FromSeconds(60);
        Assert.NotNull(await _reconciler.WithdrawAsync("cwp1").WaitAsync(patience, TestContext.Current.CancellationToken));
        Assert.NotNull(await _reconciler.EnsureAsync().WaitAsync(patience, TestContext.Current.CancellationToken));
    }

    private DataplaneState Kernel
    {
        get { lock (_lock) return _kernel.Capture(); }
    }

    private IReadOnlyList<(Operation Operation, string Error)> Apply(IReadOnlyList<Operation> operations)
    {
        lock (_lock) return _kernel.Apply(operations);
    }

    private void Remove(EntryKey key)
    {
        lock (_lock) _kernel.Remove(key);
    }

    private void AddDevice(Link link)
    {
        lock (_lock) _kernel.AddDevice(link);
    }

    private Route? RemoteRoute => Kernel.All<Route>().SingleOrDefault(r => r.Destination.ToString() == "10.244.0.64/26");

    private async Task StartAsync()
    {
        _reconciler.Start();
        Assert.Null(await _reconciler.EnsureAsync());
        Assert.NotNull(RemoteRoute);
    }

    /// <summary>A pod whose device the kernel has not told of yet.</summary>
    private async Task<Link> InstallUnannouncedAsync()
    {
        await StartAsync();
        var device = EndpointDevice.NameOf("web-container/eth0");
        _reconciler.Set(Block("10.244.0.0/26", "n1", ("10.244.0.5", "n1", "web")));
        _kernel.Changed = null;
        AddDevice(new Link { Name = device, Kind = "veth" });
        Assert.Null(await _reconciler.MissingAsync(device, [IpAddress.Parse("10.244.0.5")]));
        return Kernel.Link(device)!;
    }

    private static IEnumerable<KubeObject> Objects()
    {
        yield return new IpPool
        {
            Metadata = new ObjectMeta { Name = "default" },
            Spec = new IpPoolSpec { Cidr = "10.244.0.0/16", NatOutgoing = false },
        };
        foreach (var (name, underlay, tunnel) in new[] { ("n1", "172.30.0.11/24", "10.244.0.0"), ("n2", "172.30.0.12/24", "10.244.0.64") })
        {
            var network = new NodeNetwork("eth0", 1500, [InterfaceAddress.Parse(underlay)], [IpAddress.Parse(tunnel)]);
            yield return new Node { Metadata = new ObjectMeta { Name = name, Annotations = network.ToAnnotations() } };
            var cidr = Prefix.Parse(tunnel + "/26");
            yield return new BlockAffinity
            {
                Metadata = new ObjectMeta { Name = BlockAffinity.NameOf(name, cidr) },
                Spec = new BlockAffinitySpec(cidr.ToString(), name, BlockAffinitySpec.Confirmed),
            };
        }
    }

    private static IpamBlock Block(string cidr, string node, params (string Address, string Node, string Pod)[] used) => new()
    {
        Metadata = new ObjectMeta { Name = IpamBlock.NameOf(Prefix.Parse(cidr)), Uid = "u" },
        Spec = new IpamBlockSpec
        {
            Cidr = cidr,
            Node = node,
            Allocations = [.. used.Select((u, i) => new IpamAllocation(u.Address, $"{u.Pod}-container/eth0", u.Node, i, "default", u.Pod))],
        },
    };
}
