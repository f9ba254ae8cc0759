using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Lookups;

/// <summary>One plugin's say: null when the next one is asked.</summary>
internal delegate ExpectedAnswer? ExpectedStep(DnsQuestion question);

/// <summary>Plugins to steps. Those that change neither names nor answers have none.</summary>
internal sealed class ExpectedSteps(ClusterSnapshot cluster, IReadOnlyList<IpAddress> local)
{
    public ImmutableArray<ExpectedStep> Of(ServerBlock server) =>
        [.. server.Plugins.Select(plugin => Of(server, plugin)).OfType<ExpectedStep>()];

    private ExpectedStep? Of(ServerBlock server, PluginSettings plugin) => plugin switch
    {
        KubernetesSettings kubernetes => Kubernetes(server, kubernetes),
        HostsSettings hosts => Hosts(hosts),
        ForwardSettings forward => Forward(forward),
        RewriteSettings rewrite => Undecided(plugin, "rewrite", [], question => rewrite.Apply(question) is not null),
        AutopathSettings autopath => Undecided(plugin, "autopath", autopath.Zones),
        AclSettings acl => Undecided(plugin, "acl", acl.Zones),
        TemplateSettings template => Undecided(plugin, "template", template.Zones, template.Concerns),
        _ => null,
    };

    private ExpectedStep Kubernetes(ServerBlock server, KubernetesSettings settings)
    {
        var index = Index(settings);
        var zones = KubernetesZones.Of(settings, server.Keys.Select(k => k.Zone), index, local);
        List<IZone> longestFirst = [.. zones.All.OrderByDescending(z => z.Apex.LabelCount)];
        return question =>
        {
            foreach (var zone in longestFirst)
            {
                if (!question.Name.IsWithin(zone.Apex)) continue;
                var found = zone.Answer(question);
                if (found.Rcode == DnsRcode.NXDOMAIN && settings.Fallthrough.Covers(question.Name)) return null;
                var kind = found.Rcode == DnsRcode.NXDOMAIN ? AnswerKind.NoName
                    : found.IsNoData ? AnswerKind.NoData : AnswerKind.Records;
                return new(kind, found.Answers, found.Why, found.Origin);
            }
            return null;
        };
    }

    private NameIndex Index(KubernetesSettings settings)
    {
        NameIndex index = new();
        bool Selected(KubeObject item, string? labels) =>
            labels is null || !LabelSelector.TryParse(labels, out var selector) || selector.Matches(item.Metadata.Labels);
        bool Within(string? ns) => settings.Namespaces.IsEmpty || settings.Namespaces.Contains(ns ?? "");
        bool Told(KubeObject item) => Within(item.Metadata.Namespace) && Selected(item, settings.Labels);
        IEnumerable<KubeObject> objects =
        [
            .. cluster.Namespaces.Values.Where(n => Within(n.Metadata.Name) && Selected(n, settings.NamespaceLabels)),
            .. cluster.Services.Values.Where(Told),
            .. settings.NoEndpoints ? [] : cluster.EndpointSlices.Values.Where(Told),
            .. settings.Pods == PodNames.Verified ? cluster.Pods.Values.Where(p => Within(p.Metadata.Namespace)) : [],
        ];
        foreach (var item in objects) index.Set(item);
        return index;
    }

    private static ExpectedStep Hosts(HostsSettings settings)
    {
        HostsTable table = new(settings.Lines);
        return question =>
        {
            if (!settings.Zones.Cover(question.Name)) return null;
            if (table.Records(question, settings.Ttl, !settings.NoReverse) is { } records)
                return new(records.IsEmpty ? AnswerKind.NoData : AnswerKind.Records, records,
                    $"stands in the hosts of {settings.At}", ClusterDns.ConfigOrigin);
            if (settings.File is { } file)
                return ExpectedAnswer.Unknown($"may stand in {file} of the DNS server, which was not read ({settings.At})");
            return settings.Fallthrough.Covers(question.Name)
                ? null
                : new(AnswerKind.NoName, [], $"does not stand in the hosts of {settings.At}", ClusterDns.ConfigOrigin);
        };
    }

    private static ExpectedStep Forward(ForwardSettings settings)
    {
        string[] to =
        [
            .. settings.To.Select(t => t.ToString()), .. settings.Files.Select(f => $"the servers of {f} of the DNS server"),
        ];
        var servers = to.Length == 0 ? "nobody" : string.Join(", ", to);
        return question => question.Name.IsWithin(settings.From) && !settings.Except.Any(question.Name.IsWithin)
            ? ExpectedAnswer.Unknown(
                $"forwarded to {servers} by the Corefile's forward ({settings.At})", ClusterDns.ConfigOrigin)
            : null;
    }

    /// <param name="concerns">Whether the plugin can have a say; null: in all of its zones.</param>
    private static ExpectedStep Undecided(
        PluginSettings plugin, string name, ImmutableArray<DnsName> zones, Func<DnsQuestion, bool>? concerns = null) =>
        question => zones.Cover(question.Name) && concerns?.Invoke(question) != false
            ? ExpectedAnswer.Unknown(
                $"the Corefile's {name} may decide, which is not followed ({plugin.At})", ClusterDns.ConfigOrigin)
            : null;
}
