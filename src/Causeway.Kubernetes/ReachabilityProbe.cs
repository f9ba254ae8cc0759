using System.Net.Sockets;

namespace Causeway.Kubernetes;

/// <summary>
/// After a network loss: asks once a second whether the server takes TCP connections, for everyone who waits,
/// so that work goes on the moment it returns and not at the end of a back-off. Costs nothing while nobody
/// waits.
/// </summary>
internal sealed class ReachabilityProbe(Uri server, TimeProvider time, KubeClientOptions options)
    : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Task? _running;

    /// <summary>Ends when a connection succeeds; the first attempt is one interval away.</summary>
    public Task Wait(CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_running is null || _running.IsCompleted) _running = Run();
            return _running.WaitAsync(cancel);
        }
    }

    private async Task Run()
    {
        while (true)
        {
            await Task.Delay(Interval, time, _stop.Token);
            if (await Connects()) return;
        }
    }

    private async Task<bool> Connects()
    {
        using var clock = new CancellationTokenSource(options.ConnectTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, _stop.Token);
        try
        {
            await using var stream = options.Connect is { } connect
                ? await connect(both.Token)
                : await KubeTransport.Connect(server.IdnHost, server.Port, both.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
