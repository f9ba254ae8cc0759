using System.Collections.Immutable;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Naming;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;
using Causeway.Dns.Names;

namespace Causeway.Dns.Serving;

/// <summary>Where a server listens.</summary>
/// <param name="Address">Null: all.</param>
internal readonly record struct ListenAddress(IpAddress? Address, ushort Port, bool IsTls = false)
{
    public override string ToString() => $"{(IsTls ? "tls://" : "")}{Address?.ToString() ?? "*"}:{Port}";
}

/// <summary>Makes chains of handlers of a configuration.</summary>
/// <param name="names">The source of a scope; the same for the same scope.</param>
/// <param name="forward">A handler that asks others.</param>
/// <param name="hosts">A table of hosts, as it is now.</param>
/// <param name="guard">A handler that finds out whether what is forwarded comes back.</param>
/// <param name="local">This server's own addresses.</param>
internal sealed class PipelineBuilder(
    Func<NamesScope, KubernetesSettings, NamesSource> names, Func<ForwardSettings, DnsHandler, DnsHandler> forward,
    Func<HostsSettings, Func<HostsTable>> hosts, Func<LoopSettings, DnsHandler, DnsHandler> guard, IReadOnlyList<IpAddress> local, DnsMetrics metrics, DnsLog log,
    TimeProvider time)
{
    /// <summary>What stands before the cluster's names changes what is asked, who may, or that it is told.</summary>
    private static bool Interferes(PluginSettings plugin) => plugin is LogSettings or HostsSettings or AclSettings
        or RewriteSettings or TemplateSettings or AutopathSettings;

    public Dictionary<ListenAddress, DnsPipeline> Build(DnsConfiguration configuration)
    {
        Dictionary<ListenAddress, List<(DnsName Zone, Chain Chain)>> routes = [];
        foreach (var server in configuration.Servers)
        {
            var bind = server.Find<BindSettings>()?.Addresses.Select(a => (IpAddress?)a).ToList() ?? [null];
            Chain chain = new() { Identity = Identity(server) };
            Fill(chain, server);
            foreach (var key in server.Keys)
                foreach (var address in bind)
                {
                    ListenAddress at = new(address, key.Port, key.Transport == DnsTransport.Tls);
                    if (!routes.TryGetValue(at, out var there)) routes[at] = there = [];
                    there.Add((key.Zone, chain));
                }
        }
        return routes.ToDictionary(r => r.Key, r => Pipeline(r.Value));
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
            if (routes.Exists(r => r.Zone != zone && (r.Zone.IsWithin(fast.Apex) || (fast.Apex.IsWithin(r.Zone) && r.Zone.LabelCount > zone.LabelCount))))
                continue;
            return new(router, () => chain.Synced() ? fast : null, identity);
        }
        return new(router, () => null, identity);
    }

    private static TlsIdentity? Identity(ServerBlock server)
    {
        if (server.Keys.All(k => k.Transport != DnsTransport.Tls)) return null;
        return server.Find<TlsSettings>() is { } settings
            ? new(settings)
            : throw new InputException(
                $"the server tls://{server.Keys.First(k => k.Transport == DnsTransport.Tls).Zone} needs 'tls CERTIFICATE KEY': "
                + "the files, in PEM, by which it proves who it is");
    }

    private void Fill(Chain chain, ServerBlock server)
    {
        DnsHandler handler = DnsPipeline.Refuse;
        ImmutableArray<DnsName> zones = [.. server.Keys.Select(k => k.Zone)];
        ImmutableArray<RewriteSettings> rewrites = [.. server.Plugins.OfType<RewriteSettings>()];
        // From the last to the first: each is made with the one after it.
        foreach (var plugin in server.Plugins.Reverse())
        {
            var next = handler;
            handler = plugin switch
            {
                KubernetesSettings kubernetes => Kubernetes(chain, server, kubernetes, next),
                ForwardSettings settings => forward(settings, next),
                CacheSettings cache => Cache(cache, chain, next),
                TransferSettings settings => new TransferStep(settings, chain.Zones, () => chain.Synced(), next).AnswerAsync,
                HostsSettings settings => new HostsStep(settings, hosts(settings), next).AnswerAsync,
                LoadBalanceSettings => new LoadBalanceStep(next).AnswerAsync,
                LoopSettings settings => guard(settings, next),
                LogSettings settings => Log(settings, next),
                AclSettings settings => new AclStep(settings, metrics.Decided, next).AnswerAsync,
                AnySettings => new AnyStep(next).AnswerAsync,
                MinimalSettings => new MinimalStep(next).AnswerAsync,
                TemplateSettings settings => new TemplateStep(settings, zones, next).AnswerAsync,
                AutopathSettings settings => new AutopathStep(settings, zones, Search(settings, chain), next).AnswerAsync,
                // All of them are one step, where the first stands.
                RewriteSettings settings => settings == rewrites[0] ? new RewriteStep(rewrites, next).AnswerAsync : next,
                _ => next,
            };
        }
        chain.Entry = handler;
    }

    private DnsHandler Kubernetes(Chain chain, ServerBlock server, KubernetesSettings settings, DnsHandler next)
    {
        var source = names(
            new(settings.Namespaces, settings.Labels, settings.NamespaceLabels, FollowsPods(server, settings), !settings.NoEndpoints),
            settings);
        var zones = KubernetesZones.Of(settings, server.Keys.Select(k => k.Zone), source.Index, local);
        var clusters = zones.Clusters;
        chain.Own.AddRange(clusters.Select(z => z.Apex));
        chain.NamespaceOf = source.Index.NamespaceOf;
        chain.Synced = () => source.IsSynced;
        if (!server.Plugins.Any(Interferes) && !settings.Fallthrough.Covers(clusters[0].Apex)
            && !clusters.Skip(1).Any(z => z.Apex.IsWithin(clusters[0].Apex))) chain.Zone = clusters[0];
        chain.Zones = zones.All;
        return new ClusterStep(chain.Zones, settings.Fallthrough, chain.Synced, () => chain.Handler, next).AnswerAsync;
    }

    /// <summary>Their addresses tell whether a name is right, or whose search path is to be gone through.</summary>
    private static bool FollowsPods(ServerBlock server, KubernetesSettings settings) =>
        settings.Pods == PodNames.Verified || server.Plugins.Any(p => p is AutopathSettings { ResolvConf: null });

    private static Func<DnsQuery, ImmutableArray<DnsName>> Search(AutopathSettings settings, Chain chain)
    {
        if (settings.ResolvConf is not null) return AutopathSearch.OfFile(settings);
        return chain.Own is [var apex, ..]
            ? AutopathSearch.OfPod(apex, chain.NamespaceOf)
            : throw new InputException($"{settings.At}: autopath @kubernetes needs the plugin kubernetes in the same server");
    }

    /// <summary>The cluster's own names are at hand, and newer than any memory of them.</summary>
    private DnsHandler Cache(CacheSettings settings, Chain chain, DnsHandler next)
    {
        CacheCounters counters = new(
            metrics.CacheHits.AddOne, metrics.CacheMisses.AddOne, metrics.CacheStale.AddOne, metrics.CachePrefetches.AddOne,
            metrics.CacheEvictions.AddOne);
        AnswerCache cache = new(settings, time, counters, next);
        metrics.Set.Read("gauge", "coredns_cache_entries", "Answers in the cache.", () => cache.Count);
        return (query, cancel) => chain.Own.Any(query.Question.Name.IsWithin)
            ? next(query, cancel)
            : cache.AnswerAsync(query, cancel);
    }

    private DnsHandler Log(LogSettings settings, DnsHandler next) => async (query, cancel) =>
    {
        var started = time.GetTimestamp();
        var reply = await next(query, cancel);
        if (settings.Zones.Cover(query.Question.Name) && Wanted(settings, reply))
            log.Query(
                $"{query.Client}:{query.Port}", query.Message.Id, query.Question.Type.Word(), query.Question.Name.ToString(),
                query.Transport.ToString().ToLowerInvariant(), DnsReply.IsNone(reply) ? "dropped" : reply.Rcode.Word(),
                time.GetElapsedTime(started).TotalMilliseconds);
        return reply;
    };

    private static bool Wanted(LogSettings settings, DnsMessage reply)
    {
        if (settings.Classes.Contains("all")) return true;
        var kind = reply.Rcode switch
        {
            DnsRcode.NOERROR when !reply.Answers.IsEmpty => "success",
            DnsRcode.NOERROR or DnsRcode.NXDOMAIN => "denial",
            _ => "error",
        };
        return settings.Classes.Contains(kind);
    }

    /// <summary>One server's chain, known before it is whole: an alias is asked of all of it.</summary>
    private sealed class Chain
    {
        /// <summary>Of a server over TLS.</summary>
        public TlsIdentity? Identity { get; init; }

        public DnsHandler Entry { get; set; } = DnsPipeline.Refuse;

        /// <summary>The zone before which nothing stands.</summary>
        public ClusterZone? Zone { get; set; }

        /// <summary>All that the server has the authority for. Known to what stands before them in the chain, which is
        /// made from its end.</summary>
        public ImmutableArray<IZone> Zones { get; set; } = [];

        /// <summary>The cluster's domains.</summary>
        public List<DnsName> Own { get; } = [];

        /// <summary>Of the pod with an address.</summary>
        public Func<IpAddress, string?> NamespaceOf { get; set; } = _ => null;

        public Func<bool> Synced { get; set; } = () => true;

        public ValueTask<DnsMessage> Handler(DnsQuery query, CancellationToken cancel) => Entry(query, cancel);
    }
}
