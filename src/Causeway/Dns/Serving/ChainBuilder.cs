using System.Collections.Immutable;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;
using Causeway.Dns.Forwarding;
using Causeway.Dns.Names;

namespace Causeway.Dns.Serving;

/// <summary>Makes one server's chain of handlers of its plugins.</summary>
/// <param name="generation">Owns what is made.</param>
internal sealed class ChainBuilder(ServerBlock server, ServerContext context, Generation generation)
{
    private readonly Chain _chain = new() { Identity = Identity(server, context.Log) };
    private readonly ImmutableArray<DnsName> _zones = [.. server.Keys.Select(k => k.Zone)];
    private readonly ImmutableArray<RewriteSettings> _rewrites = [.. server.Plugins.OfType<RewriteSettings>()];

    public Chain Build()
    {
        DnsHandler handler = DnsPipeline.Refuse;
        // From the last to the first: each is made with the one after it.
        foreach (var plugin in server.Plugins.Reverse()) handler = Step(plugin, handler);
        _chain.Entry = handler;
        return _chain;
    }

    private static TlsIdentity? Identity(ServerBlock server, DnsLog log) =>
        server.Keys.Any(k => k.Transport == DnsTransport.Tls) ? new(server.Find<TlsSettings>()!, log) : null;

    private DnsHandler Step(PluginSettings plugin, DnsHandler next) => plugin switch
    {
        KubernetesSettings settings => Kubernetes(settings, next),
        ForwardSettings settings => Forward(settings, next),
        CacheSettings settings => Cache(settings, next),
        TransferSettings settings => new TransferStep(settings, _chain.Zones, () => _chain.Synced(), next).AnswerAsync,
        HostsSettings settings => new HostsStep(settings, new HostsFile(settings, context.Time).Table, next).AnswerAsync,
        LoadBalanceSettings => new LoadBalanceStep(next).AnswerAsync,
        LoopSettings settings => Guard(settings, next),
        LogSettings settings => new QueryLog(settings, context.Log, context.Time, next).AnswerAsync,
        AclSettings settings => new AclStep(settings, context.Metrics.Decided, next).AnswerAsync,
        AnySettings => new AnyStep(next).AnswerAsync,
        MinimalSettings => new MinimalStep(next).AnswerAsync,
        TemplateSettings settings => new TemplateStep(settings, _zones, _chain.Handler, next).AnswerAsync,
        AutopathSettings settings => new AutopathStep(settings, _zones, Search(settings), next).AnswerAsync,
        // All of them are one step, where the first stands.
        RewriteSettings settings => settings == _rewrites[0] ? new RewriteStep(_rewrites, next).AnswerAsync : next,
        _ => next,
    };

    private DnsHandler Kubernetes(KubernetesSettings settings, DnsHandler next)
    {
        var (index, synced) = context.Names(generation.Uses(Scope(settings)), settings);
        var zones = KubernetesZones.Of(settings, _zones, index, context.Local);
        var clusters = zones.Clusters;
        _chain.Own.AddRange(clusters.Select(z => z.Apex));
        _chain.NamespaceOf = index.NamespaceOf;
        _chain.Synced = synced;
        if (!server.Plugins.Any(Interferes) && !settings.Fallthrough.Covers(clusters[0].Apex)
            && !clusters.Skip(1).Any(z => z.Apex.IsWithin(clusters[0].Apex))) _chain.Zone = clusters[0];
        _chain.Zones = zones.All;
        return new ClusterStep(_chain.Zones, settings.Fallthrough, synced, _chain.Handler, next).AnswerAsync;
    }

    /// <summary>What stands before the cluster's names changes what is asked, who may, or that it is told.</summary>
    private static bool Interferes(PluginSettings plugin) => plugin is LogSettings or HostsSettings or AclSettings
        or RewriteSettings or TemplateSettings or AutopathSettings;

    /// <summary>Pods' addresses tell whether a name is right, or whose search path is to be gone through.</summary>
    private NamesScope Scope(KubernetesSettings settings) => new(
        settings.Namespaces, settings.Labels, settings.NamespaceLabels,
        settings.Pods == PodNames.Verified || server.Plugins.Any(p => p is AutopathSettings { ResolvConf: null }),
        !settings.NoEndpoints);

    private Func<DnsQuery, ImmutableArray<DnsName>> Search(AutopathSettings settings) => settings.ResolvConf is null
        ? AutopathSearch.OfPod(_chain.Own[0], _chain.NamespaceOf)
        : AutopathSearch.OfFile(settings);

    private DnsHandler Forward(ForwardSettings settings, DnsHandler next) =>
        generation.Owns(new Forwarder(settings, context.Metrics, context.Log, next)).AnswerAsync;

    private DnsHandler Guard(LoopSettings settings, DnsHandler next) =>
        generation.Owns(new LoopGuard(settings, context.Log, next)).AnswerAsync;

    /// <summary>The cluster's own names are at hand, and newer than any memory of them.</summary>
    private DnsHandler Cache(CacheSettings settings, DnsHandler next)
    {
        var metrics = context.Metrics;
        AnswerCache cache = new(
            settings, context.Time,
            new(
                metrics.CacheHits.AddOne, metrics.CacheMisses.AddOne, metrics.CacheStale.AddOne,
                metrics.CachePrefetches.AddOne, metrics.CacheEvictions.AddOne),
            next);
        generation.Owns(cache);
        return (query, cancel) => _chain.Own.Any(query.Question.Name.IsWithin)
            ? next(query, cancel)
            : cache.AnswerAsync(query, cancel);
    }
}
