using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;
using Causeway.Dns.Forwarding;
using Causeway.Dns.Names;

namespace Causeway.Dns.Serving;

/// <summary>All that one configuration is made to. It is made whole, or nothing of it stays.</summary>
internal sealed class Generation : IDisposable
{
    private readonly List<Forwarder> _forwarders = [];
    private readonly List<LoopGuard> _guards = [];
    private readonly List<AnswerCache> _caches = [];
    private readonly HashSet<NamesScope> _scopes = [];

    private Generation()
    {
    }

    public IReadOnlyDictionary<ListenAddress, DnsPipeline> Pipelines { get; private set; } =
        new Dictionary<ListenAddress, DnsPipeline>();

    public IReadOnlyCollection<LoopGuard> Guards => _guards;

    public IReadOnlySet<NamesScope> Scopes => _scopes;

    /// <summary>Answers in the caches.</summary>
    public int CachedAnswers => _caches.Sum(c => c.Count);

    /// <summary>Opens what the configuration names but its addresses. Throws <see cref="Core.InputException"/> for a file
    /// that cannot be used.</summary>
    public static Generation Of(DnsConfiguration configuration, ServerContext context)
    {
        Generation made = new();
        try
        {
            made.Fill(configuration, context);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public Forwarder Owns(Forwarder forwarder)
    {
        _forwarders.Add(forwarder);
        return forwarder;
    }

    public LoopGuard Owns(LoopGuard guard)
    {
        _guards.Add(guard);
        return guard;
    }

    public void Owns(AnswerCache cache) => _caches.Add(cache);

    public NamesScope Uses(NamesScope scope)
    {
        _scopes.Add(scope);
        return scope;
    }

    public void Dispose()
    {
        foreach (var forwarder in _forwarders) forwarder.Dispose();
    }

    private void Fill(DnsConfiguration configuration, ServerContext context)
    {
        Dictionary<ListenAddress, List<(DnsName Zone, Chain Chain)>> routes = [];
        foreach (var server in configuration.Servers)
        {
            var bind = server.Find<BindSettings>()?.Addresses.Select(a => (Core.Addressing.IpAddress?)a).ToList() ?? [null];
            var chain = new ChainBuilder(server, context, this).Build();
            foreach (var key in server.Keys)
                foreach (var address in bind)
                {
                    ListenAddress at = new(address, key.Port, key.Transport == DnsTransport.Tls);
                    if (!routes.TryGetValue(at, out var there)) routes[at] = there = [];
                    there.Add((key.Zone, chain));
                }
        }
        Pipelines = routes.ToDictionary(r => r.Key, r => Pipeline(r.Value));
    }

    private static DnsPipeline Pipeline(List<(DnsName Zone, Chain Chain)> routes)
    {
        var identity = routes.Select(r => r.Chain.Identity).FirstOrDefault(i => i is not null);
        DnsHandler router = routes is [({ IsRoot: true }, var only)]
            ? only.Handler
            : new ZoneRouter([.. routes.Select(r => (r.Zone, (DnsHandler)r.Chain.Handler))]).AnswerAsync;
        // Of several servers on a port only the names of the one that has them all are certain.
        foreach (var (zone, chain) in routes)
        {
            if (chain.Zone is not { } fast || !fast.Apex.IsWithin(zone)) continue;
            if (routes.Exists(r => r.Zone != zone && IsNearer(r.Zone, zone, fast.Apex))) continue;
            return new(router, () => chain.Synced() ? fast : null, identity);
        }
        return new(router, () => null, identity);
    }

    /// <summary>Whether another server has some of a domain's names, or all of them before this one.</summary>
    private static bool IsNearer(DnsName other, DnsName zone, DnsName domain) =>
        other.IsWithin(domain) || (domain.IsWithin(other) && other.LabelCount > zone.LabelCount);
}
