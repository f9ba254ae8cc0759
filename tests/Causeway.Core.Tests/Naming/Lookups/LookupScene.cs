using Causeway.Core.Cluster;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using static Causeway.Core.Tests.Naming.Zones.ZoneObjects;

namespace Causeway.Core.Tests.Naming.Lookups;

/// <summary>A cluster with DNS, and the files of a pod in its namespace ns1.</summary>
internal static class LookupScene
{
    public const string Server = "10.96.0.10";

    public static readonly ResolvConf Conf = ResolvConf.Parse($"""
        search ns1.svc.cluster.local svc.cluster.local cluster.local corp.lan
        nameserver {Server}
        options ndots:5

        """.ReplaceLineEndings("\n"));

    public const string Hosts = "# of the kubelet\n127.0.0.1\tlocalhost\n10.244.1.9\tclient\n192.0.2.7 old-db old-db.example\n";

    public static ClusterSnapshot Snapshot(params IEnumerable<KubeObject> more)
    {
        KubeObject[] objects =
        [
            Namespace("kube-system"), Namespace("ns1"), Namespace("ns1-open"),
            Service("kube-system", "kube-dns", Server, "dns:53/UDP", "dns-tcp:53/TCP"),
            Service("ns1", "open-nginx", "10.96.0.21", "http:80"),
            Service("ns1-open", "open-nginx", "10.96.0.22", "http:80"),
            Service("ns1-open", "shop", "10.96.0.23,fd00::17", "http:80"),
            Service("ns1", "sleepy", "None", "http:80"), Service("ns1", "pending", ""),
            External("ns1", "away", "www.example.org"), External("ns1", "alias", "shop.ns1-open.svc.cluster.local"),
            .. more,
        ];
        return new()
        {
            Namespaces = ClusterSnapshot.Empty.Namespaces.AddRange(objects.OfType<Namespace>().Select(n => KeyValuePair.Create(n.Metadata.Name, n))),
            Services = ClusterSnapshot.Empty.Services.AddRange(objects.OfType<Service>().Select(s => KeyValuePair.Create(Key(s), s))),
            EndpointSlices = ClusterSnapshot.Empty.EndpointSlices.AddRange(objects.OfType<EndpointSlice>().Select(s => KeyValuePair.Create(Key(s), s))),
        };
    }

    public static Lookup Find(string name, ResolvConf? conf = null, string? corefile = null, params IEnumerable<KubeObject> more)
    {
        ClusterDns dns = new(Snapshot(more), corefile);
        conf ??= Conf;
        var server = conf.Nameservers[0];
        return Lookup.Of(
            new(name, conf, Hosts, LookupQuery.AddressTypes), server,
            q => dns.At(server.Address)?.Answer(q) ?? ExpectedAnswer.Unknown("not of the cluster"));
    }

    private static string Key(KubeObject item) => $"{item.Metadata.Namespace}/{item.Metadata.Name}";
}
