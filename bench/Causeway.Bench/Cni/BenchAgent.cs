using Causeway.Agent.Endpoints;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netlink;

namespace Causeway.Bench.Cni;

/// <summary>The agent's server with the kernel's part for real and addresses from a counter: what the API
/// costs is measured elsewhere.</summary>
internal sealed class BenchAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly NetlinkSocket _kernel;
    private readonly NetlinkSocket _background;
    private readonly EndpointServer _server;
    private readonly Task _running;
    private uint _next = 0x0AF4_0001; // 10.244.0.1

    public BenchAgent(string runDirectory, string node)
    {
        _kernel = NetlinkSocket.Open(node);
        // A deletion holds its socket for its 16 ms.
        _background = NetlinkSocket.Open(node);
        var store = EndpointStore.Open(runDirectory, Console.Error.WriteLine);
        _server = new EndpointServer(runDirectory, "bench", store, new EndpointEffects
        {
            Assign = (_, _) => Task.FromResult(new AddressLease([IpAddress.V4(Interlocked.Increment(ref _next))], 1450)),
            Release = (_, _) => Task.CompletedTask,
            Install = (record, _) => Do(() => Install(record)),
            Withdraw = (device, _) => Do(() => Withdraw(device)),
            DeleteDevice = (device, _) => Do(() => Delete(device)),
            Verify = (_, _) => Task.FromResult<string?>(null),
            Status = () => null,
            Warn = (_, _, _) => Task.CompletedTask,
            Log = Console.Error.WriteLine,
        }, TimeProvider.System);
        _server.Start();
        _running = _server.RunAsync(_stop.Token);
    }

    /// <summary>Whether a host device is there.</summary>
    public bool Has(string device) => Find(_kernel, device) is not null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _server.Dispose();
        _kernel.Dispose();
        _background.Dispose();
        _stop.Dispose();
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private void Install(EndpointRecord record)
    {
        var names = Names(_kernel, record.HostDevice);
        foreach (var address in record.Addresses)
        {
            var route = new Route
            {
                Destination = IpAddress.Parse(address).Host, Device = record.HostDevice, Scope = Scope.Link,
                Protocol = Ownership.RouteProtocol,
            };
            _kernel.Execute($"cannot set {route}", writer => RouteCodec.WriteSet(writer, route, names));
        }
    }

    private void Withdraw(string device)
    {
        if (Find(_kernel, device) is { } link)
            _kernel.Execute("cannot take down", writer => LinkCodec.WriteSetUp(writer, link.Index, up: false));
    }

    private void Delete(string device)
    {
        if (Find(_background, device) is { } link)
            _background.Execute("cannot delete", writer => LinkCodec.WriteDelete(writer, link.Index));
    }

    private static DeviceNames Names(NetlinkSocket socket, string device)
    {
        var names = new DeviceNames();
        if (Find(socket, device) is { } link) names.Set(link.Index, device);
        return names;
    }

    private static Link? Find(NetlinkSocket socket, string device)
    {
        try
        {
            return socket.Ask(
                "cannot find", writer => LinkCodec.WriteGet(writer, device),
                static payload => LinkCodec.Read(payload, new DeviceNames()));
        }
        catch (NetlinkException)
        {
            return null;
        }
    }
}
