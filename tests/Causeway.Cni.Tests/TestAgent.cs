using System.Collections.Concurrent;
using Causeway.Agent.Endpoints;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Cni.Tests;

/// <summary>The agent's server over a real kernel, with addresses from a list instead of the API. Each effect
/// can be held, so that a test may act in the middle of it.</summary>
internal sealed class TestAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Hold> _holds = new();
    private readonly NetlinkSocket _kernel;
    private readonly EndpointServer _server;
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;

    /// <param name="addresses">Of each pod in turn: families separated by a space.</param>
    public TestAgent(string runDirectory, string node, params string[] addresses)
    {
        Free = [.. addresses];
        _kernel = NetlinkSocket.Open(node);
        Store = EndpointStore.Open(runDirectory, Log.Add);
        _server = new EndpointServer(runDirectory, "n1", Store, new EndpointEffects
        {
            Assign = AssignAsync,
            Release = ReleaseAsync,
            Install = InstallAsync,
            Withdraw = (device, _) => Effect("withdraw", () => SetDown(device)),
            DeleteDevice = (device, _) => Effect("delete", () => Delete(device)),
            Verify = (record, _) => Task.FromResult(
                record.Addresses.All(a => HasRoute(a, record.HostDevice)) ? null : "a route is missing"),
            Status = () => Unavailable,
            Warn = (request, error, _) =>
            {
                Events.Add($"{request.Namespace}/{request.Pod}: {error}");
                return Task.CompletedTask;
            },
            Log = Log.Add,
        }, TimeProvider.System);
        _server.Start();
    }

    public EndpointStore Store { get; }

    public List<string> Free { get; }

    /// <summary>By handle.</summary>
    public ConcurrentDictionary<string, string> Taken { get; } = new();

    public ConcurrentBag<string> Log { get; } = [];

    public ConcurrentBag<string> Events { get; } = [];

    public CniError? Unavailable { get; set; }

    public bool FailNextRelease { get; set; }

    public int Mtu { get; init; } = 1450;

    public TestAgent Start()
    {
        _running = _server.RunAsync(_stop.Token);
        return this;
    }

    /// <summary>The next time an effect comes it waits.</summary>
    public Hold HoldNext(string effect) => _holds[effect] = new Hold();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var hold in _holds.Values) hold.Release();
        await _running;
        _server.Dispose();
        _kernel.Dispose();
        _stop.Dispose();
    }

    private async Task<AddressLease> AssignAsync(AgentRequest request, CancellationToken cancel)
    {
        await PassAsync("assign", cancel);
        lock (_lock)
        {
            if (!Taken.TryGetValue(request.Handle, out var addresses))
            {
                if (Free.Count == 0)
                    throw new CniException(CniErrorCode.NoAddress, "no address is free", "pool default (10.244.0.0/30)");
                addresses = request.Ips.IsEmpty ? Free[0] : string.Join(' ', request.Ips);
                Free.Remove(addresses);
                Taken[request.Handle] = addresses;
            }
            return new AddressLease([.. addresses.Split(' ').Select(a => IpAddress.Parse(a))], Mtu);
        }
    }

    private async Task ReleaseAsync(string handle, CancellationToken cancel)
    {
        await PassAsync("release", cancel);
        if (FailNextRelease)
        {
            FailNextRelease = false;
            throw new CniException(CniErrorCode.TryAgainLater, "try again later", "the API is away");
        }
        lock (_lock)
        {
            if (Taken.TryRemove(handle, out var addresses)) Free.Add(addresses);
        }
    }

    private async Task InstallAsync(EndpointRecord record, Task written, CancellationToken cancel)
    {
        await PassAsync("install", cancel);
        var names = Names();
        foreach (var text in record.Addresses)
        {
            var route = new Route
            {
                Destination = IpAddress.Parse(text).Host, Device = record.HostDevice,
                Protocol = Ownership.RouteProtocol,
                Scope = text.Contains(':') ? Scope.Global : Scope.Link,
            };
            _kernel.Execute($"cannot set {route}", w => RouteCodec.WriteSet(w, route, names));
        }
    }

    private async Task Effect(string name, Action action)
    {
        await PassAsync(name, _stop.Token);
        action();
    }

    private async Task PassAsync(string effect, CancellationToken cancel)
    {
        if (_holds.TryRemove(effect, out var hold)) await hold.PassAsync(cancel);
    }

    private void SetDown(string device)
    {
        var names = Names();
        try
        {
            if (names.Contains(device))
                _kernel.Execute("down", w => LinkCodec.WriteSetUp(w, names.IndexOf(device), up: false));
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoDevice)
        {
            // Deleted meanwhile, which is as far down as a device goes.
        }
    }

    private void Delete(string device)
    {
        var names = Names();
        try
        {
            if (names.Contains(device))
                _kernel.Execute("delete", w => LinkCodec.WriteDelete(w, names.IndexOf(device)));
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoDevice)
        {
            // The plugin was faster.
        }
    }

    private bool HasRoute(string address, string device)
    {
        var names = Names();
        return _kernel.Dump("routes", RouteCodec.WriteDump, payload => RouteCodec.Read(payload, names))
            .Exists(r => r.Destination == IpAddress.Parse(address).Host && r.Device == device
                && r.Table == Route.MainTable);
    }

    private DeviceNames Names()
    {
        var names = new DeviceNames();
        var links = _kernel.Dump(
            "links", LinkCodec.WriteDump, payload => LinkCodec.Read(payload, new DeviceNames()));
        foreach (var link in links) names.Set(link.Index, link.Name);
        return names;
    }

    /// <summary>A point at which the agent waits for the test.</summary>
    internal sealed class Hold
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void Release() => _released.TrySetResult();

        public async Task PassAsync(CancellationToken cancel)
        {
            _reached.TrySetResult();
            await _released.Task.WaitAsync(cancel);
        }
    }
}
