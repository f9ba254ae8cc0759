using System.Globalization;

namespace Causeway.Core.Services.Nftables;

/// <summary>What a class does about the source address.</summary>
public enum NftSource
{
    Keep,

    /// <summary>Masquerades sources outside the pools.</summary>
    OffCluster,

    Masquerade,

    /// <summary>External policy Local: inside, all endpoints; outside, local ones with the source kept.</summary>
    Local,
}

/// <summary>
/// One chain that all service ports of equal behaviour share. Few chains and large data maps: the kernel checks
/// each chain that a verdict map's elements go to, so that a chain per service would cost time with each change.
/// </summary>
/// <param name="NodePort">For node ports, whose endpoints have maps of their own.</param>
/// <param name="Endpoints">How many there are to choose from.</param>
/// <param name="LocalEndpoints">Only with <see cref="NftSource.Local"/>.</param>
/// <param name="AffinitySeconds">0: each connection chooses anew.</param>
public readonly record struct NftClass(
    bool NodePort, NftSource Source, int Endpoints, int LocalEndpoints = 0, int AffinitySeconds = 0)
    : IComparable<NftClass>
{
    /// <summary><c>pick-4</c>, <c>pick-4-masq-off-cluster</c>, <c>nodeport-pick-4-local-1-sticky-60</c>.</summary>
    public string Chain
    {
        get
        {
            var source = Source switch
            {
                NftSource.OffCluster => "-masq-off-cluster",
                NftSource.Masquerade => "-masq",
                NftSource.Local => string.Create(CultureInfo.InvariantCulture, $"-local-{LocalEndpoints}"),
                _ => "",
            };
            var sticky = AffinitySeconds == 0
                ? "" : string.Create(CultureInfo.InvariantCulture, $"-sticky-{AffinitySeconds}");
            return string.Create(
                CultureInfo.InvariantCulture, $"{(NodePort ? "nodeport-" : "")}pick-{Endpoints}{source}{sticky}");
        }
    }

    /// <summary>The classes whose chains this one goes to.</summary>
    public IEnumerable<NftClass> Needs() => Source == NftSource.Local
        ? [this with { Source = NftSource.Keep, LocalEndpoints = 0 },
           this with { Source = NftSource.Masquerade, LocalEndpoints = 0 }]
        : [];

    /// <summary>The chains of the single endpoints, which affinity needs.</summary>
    internal IEnumerable<NftSlot> Slots()
    {
        if (AffinitySeconds == 0) yield break;
        var count = Source == NftSource.Local ? LocalEndpoints : Endpoints;
        for (var i = 0; i < count; i++) yield return new(NodePort, Source == NftSource.Local, i, AffinitySeconds);
    }

    /// <summary>Some classes with those they go to, and the slots of all; both in the order of their
    /// chains.</summary>
    internal static (SortedSet<NftClass> Classes, SortedSet<NftSlot> Slots) Closure(IEnumerable<NftClass> classes)
    {
        SortedSet<NftClass> all = [.. classes.SelectMany(c => c.Needs().Append(c))];
        return (all, [.. all.SelectMany(c => c.Slots())]);
    }

    /// <summary>The sets of clients that classes need.</summary>
    public static IEnumerable<string> ClientSets(IEnumerable<NftClass> classes) =>
        Closure(classes).Slots.Select(s => s.Set).Distinct();

    public int CompareTo(NftClass other) => string.CompareOrdinal(Chain, other.Chain);

    public static bool operator <(NftClass left, NftClass right) => left.CompareTo(right) < 0;

    public static bool operator >(NftClass left, NftClass right) => left.CompareTo(right) > 0;

    public override string ToString() => Chain;
}

/// <summary>A chain that translates to the endpoint of one index, and remembers the client.</summary>
internal readonly record struct NftSlot(bool NodePort, bool Local, int Index, int Seconds) : IComparable<NftSlot>
{
    public int CompareTo(NftSlot other) => string.CompareOrdinal(Chain, other.Chain);

    public string Chain => string.Create(
        CultureInfo.InvariantCulture,
        $"{(NodePort ? "nodeport-" : "")}{(Local ? "local-" : "")}slot-{Index}-sticky-{Seconds}");

    /// <summary>Clients by the index of their endpoint. One set per index: a map from clients to endpoints
    /// would be one set for all, but nft 1.0.6 cannot write the statement that fills one with IPv6 keys.</summary>
    public string Set => string.Create(CultureInfo.InvariantCulture, $"affinity-{Index}");
}
