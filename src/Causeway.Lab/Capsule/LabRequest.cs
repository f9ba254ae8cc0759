using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Lab.Fabric;

namespace Causeway.Lab.Capsule;

/// <summary>What the user asked a lab to be; null where nothing was said.</summary>
public sealed record LabRequest
{
    public int? Nodes { get; init; }

    public Encapsulation? Encapsulation { get; init; }

    public Topology? Topology { get; init; }

    public LabFamily? Family { get; init; }

    public ServiceProxy? Proxy { get; init; }

    public bool? Dns { get; init; }

    /// <summary>In CIDR form.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    private const string DefaultPoolV4 = "10.244.0.0/16";
    private const string DefaultPoolV6 = "fd00:10:244::/48";

    /// <summary>The configuration of a new lab. Throws <see cref="InputException"/> that names the option.</summary>
    public LabConfig ToConfig()
    {
        var family = Family ?? LabFamily.Ipv4;
        var config = new LabConfig(
            LabConfig.CheckNodes(Nodes ?? 3), Encapsulation ?? Core.Cluster.Encapsulation.Vxlan,
            Topology ?? Capsule.Topology.Flat, family,
            Pools.Count > 0 ? Pools : DefaultPools(family), Proxy ?? ServiceProxy.Nftables, Dns ?? true);
        CheckEncapsulation(config);
        CheckPools(config);
        return config;
    }

    /// <summary>
    /// The configuration of a lab that exists already, which stays as it is. Throws <see cref="InputException"/>
    /// when something else was asked for.
    /// </summary>
    public LabConfig Keep(LabConfig existing, string lab)
    {
        Same("--nodes", Nodes, existing.Nodes);
        Same("--encap", Encapsulation, existing.Encapsulation);
        Same("--topology", Topology, existing.Topology);
        Same("--family", Family, existing.Family);
        Same("--proxy", Proxy, existing.Proxy);
        if (Dns is false && existing.Dns) Differs("--no-dns", "without it", "cluster DNS");
        if (Pools.Count > 0 && !Pools.SequenceEqual(existing.Pools))
            Differs("--pool", string.Join(", ", Pools), string.Join(", ", existing.Pools));
        return existing;

        void Same<T>(string option, T? asked, T has) where T : struct
        {
            if (asked is { } value && !value.Equals(has)) Differs(option, value.ToString()!, has.ToString()!);
        }

        void Differs(string option, string asked, string has) => throw new InputException(
            $"{option}: lab '{lab}' exists with {has}, not {asked}; 'causeway lab down --lab {lab}' first, "
            + "or name another lab");
    }

    private static string[] DefaultPools(LabFamily family) => family switch
    {
        LabFamily.Ipv4 => [DefaultPoolV4],
        LabFamily.Ipv6 => [DefaultPoolV6],
        _ => [DefaultPoolV4, DefaultPoolV6],
    };

    private static void CheckEncapsulation(LabConfig config)
    {
        if (config.Encapsulation is Core.Cluster.Encapsulation.IpIp or Core.Cluster.Encapsulation.IpIpCrossSubnet)
            throw new InputException(
                "--encap ipip: its routes are learned by BGP, which this version does not speak yet; "
                + "use vxlan, crosssubnet or none");
        if (config is { Encapsulation: Core.Cluster.Encapsulation.None, Topology: Capsule.Topology.Routed })
            throw new InputException(
                "--encap none with --topology routed: the router between the segments would need to learn the pods' "
                + "routes by BGP, which this version does not speak yet; use crosssubnet");
    }

    private static void CheckPools(LabConfig config)
    {
        var layout = new FabricLayout(config);
        List<Prefix> pools = [];
        foreach (var text in config.Pools)
        {
            var pool = ParsePool(text);
            var wanted = pool.Family == IpFamily.V4 ? LabFamily.Ipv4 : LabFamily.Ipv6;
            if (config.Family != LabFamily.Dual && config.Family != wanted)
                throw new InputException($"--pool {pool}: the lab's family is {Word(config.Family)}");
            if (pools.FirstOrDefault(p => p.Family == pool.Family) is { Length: > 0 } other)
                throw new InputException($"--pool {pool}: there is one pool per family, and {other} is one already");
            if (layout.Networks().FirstOrDefault(n => n.Overlaps(pool)) is { Length: > 0 } network)
                throw new InputException($"--pool {pool}: overlaps the nodes' own network {network}");
            foreach (var range in ServiceNetwork.ClusterRanges(config).Concat(ServiceNetwork.BalancerRanges(config)))
                if (range.Overlaps(pool))
                    throw new InputException($"--pool {pool}: overlaps the services' own range {range}");
            if (pool.Length > new IpPoolSpec().BlockSizeOf(pool.Family))
                throw new InputException(
                    $"--pool {pool}: smaller than one block of addresses (/{new IpPoolSpec().BlockSizeOf(pool.Family)})");
            pools.Add(pool);
        }
        foreach (var address in layout.Api)
            if (pools.TrueForAll(p => p.Family != address.Address.Family))
                throw new InputException($"--pool: a {Word(config.Family)} lab needs a pool of each family");
    }

    private static Prefix ParsePool(string text)
    {
        try
        {
            return Prefix.Parse(text);
        }
        catch (FormatException e)
        {
            throw new InputException($"--pool: {e.Message}", e);
        }
    }

    private static string Word(LabFamily family) => family switch
    {
        LabFamily.Ipv4 => "IPv4",
        LabFamily.Ipv6 => "IPv6",
        _ => "dual-stack",
    };
}
