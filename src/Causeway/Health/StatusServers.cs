namespace Causeway.Health;

/// <summary>Several <see cref="StatusServer"/>s; those with one address are one.</summary>
internal sealed class StatusServers(IEnumerable<(string Address, string Option, Func<string, (int, string)?> Answer)> parts)
    : IDisposable
{
    private readonly List<StatusServer> _servers =
    [
        .. parts.GroupBy(p => p.Address).Select(g => g.ToList()).Select(same => new StatusServer(
            same[0].Address, same[0].Option, path => same.Select(p => p.Answer(path)).FirstOrDefault(a => a is not null))),
    ];

    /// <summary>Throws <see cref="Core.InputException"/> when an address is not to be had.</summary>
    public void Start()
    {
        foreach (var server in _servers) server.Start();
    }

    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(_servers.Select(s => s.RunAsync(cancel)));

    public void Dispose()
    {
        foreach (var server in _servers) server.Dispose();
    }
}
