namespace Causeway.Dns.Serving;

/// <summary>The sockets of one address: UDP and TCP, or TLS. It has the address from when it is made.</summary>
internal sealed class Listener : IDisposable
{
    private readonly TcpServer _tcp;
    private readonly UdpServer? _udp;

    /// <param name="threads">For UDP.</param>
    public Listener(ListenAddress address, int threads, Func<DnsPipeline> pipeline, DnsMetrics metrics)
    {
        _tcp = new(
            address.Address, address.Port, pipeline, metrics, address.IsTls ? () => pipeline().Identity!.Options() : null);
        try
        {
            _udp = address.IsTls ? null : new(address.Address, _tcp.Port, threads, pipeline, metrics);
        }
        catch
        {
            _tcp.Dispose();
            throw;
        }
        At = address with { Port = _tcp.Port };
    }

    public ListenAddress At { get; }

    /// <summary>Runs until cancelled; what is in flight then is still answered.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using (this) await Task.WhenAll(_tcp.RunAsync(cancel), _udp?.RunAsync(cancel) ?? Task.CompletedTask);
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _udp?.Dispose();
    }
}
