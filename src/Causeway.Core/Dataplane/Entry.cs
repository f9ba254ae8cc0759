using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>The kinds of entry a kernel holds, in the order in which they are made; removal runs
/// backwards.</summary>
public enum EntryKind : byte
{
    Link,
    LinkAddress,
    Sysctl,
    Neighbour,
    Fdb,
    Route,
    Rule,
    NftTable,

    /// <summary>Read, and by a service proxy's own writer written; never by way of entries. So are the next two.</summary>
    IptablesTable,
    IpSet,
    VirtualServer,

    /// <summary>Something that decides over packets and that this model cannot read.</summary>
    Unknown,
}

/// <summary>What makes two entries the same thing in one kernel. Fields that a kind does not use are
/// default.</summary>
/// <param name="Name">Device, sysctl path, table name or rule text.</param>
/// <param name="Prefix">Destination, address or neighbour.</param>
/// <param name="Number">Table and metric, MAC, or priority.</param>
public readonly record struct EntryKey(EntryKind Kind, string Name, Prefix Prefix = default, ulong Number = 0);

/// <summary>
/// One thing in a kernel, planned or observed: immutable, with a key that says which thing it is and a
/// comparison that says whether what is there does what was planned.
/// </summary>
public abstract record Entry
{
    /// <summary>Why it is planned; null on what was observed.</summary>
    public Origin? Origin { get; init; }

    public abstract EntryKey Key { get; }

    /// <summary>
    /// True when this observed entry fulfils the planned one. Fields that a plan leaves open (null) match
    /// anything; origins and counters never count. Called only with an entry of the same key.
    /// </summary>
    public abstract bool Fulfils(Entry planned);

    /// <summary>One line in the words of the kernel's own tool (<c>ip route</c>, <c>bridge fdb</c>,
    /// ...).</summary>
    public abstract override string ToString();
}
