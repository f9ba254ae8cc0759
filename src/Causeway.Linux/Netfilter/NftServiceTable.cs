using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Netfilter;

/// <summary>The nftables table of one family's services in one namespace. All methods throw
/// <see cref="NetlinkException"/> with what the kernel refused.</summary>
/// <param name="socket">Of nfnetlink, in the namespace.</param>
public sealed class NftServiceTable(NetlinkSocket socket, IpFamily family)
{
    public IpFamily Family => family;

    public NftElements Elements { get; } = new(socket, family, NftSets.Table);

    /// <summary>Makes or repairs the sets and base chains of these families' tables, in one transaction; elements that are
    /// there stay. What is there and cannot be repaired is made anew.</summary>
    /// <param name="socket">Of nfnetlink, in the namespace.</param>
    public static void Declare(NetlinkSocket socket, IReadOnlyCollection<IpFamily> families, ServicesScope scope)
    {
        if (TryDeclare(families)) return;
        foreach (var family in families)
        {
            if (TryDeclare([family])) continue;
            Commit(socket, writer =>
            {
                NftTableWriter tables = new(writer);
                tables.Remove(family.Word, NftSets.Table);
                Declare(tables, family, scope);
            });
        }

        bool TryDeclare(IEnumerable<IpFamily> some)
        {
            try
            {
                Commit(socket, writer =>
                {
                    NftTableWriter tables = new(writer);
                    foreach (var family in some) Declare(tables, family, scope);
                });
                return true;
            }
            catch (NetlinkException)
            {
                return false;
            }
        }
    }

    /// <summary>Removes these families' tables, whether they are there or not.</summary>
    /// <param name="socket">Of nfnetlink, in the namespace.</param>
    public static void Remove(NetlinkSocket socket, IEnumerable<IpFamily> families) => Commit(socket, writer =>
    {
        NftTableWriter tables = new(writer);
        foreach (var family in families) tables.Remove(family.Word, NftSets.Table);
    });

    /// <summary>The whole table with the chains of these classes.</summary>
    public void Load(ServicesScope scope, IReadOnlyCollection<NftClass> classes)
    {
        Declare(socket, [family], scope);
        AddClasses(scope, classes);
    }

    /// <summary>Makes or renews the chains of classes, and the sets that they need.</summary>
    public void AddClasses(ServicesScope scope, IReadOnlyCollection<NftClass> classes) => Commit(socket, writer =>
    {
        new NftTableWriter(writer).AddSets(family.Word, NftSets.Table, NftSkeleton.ClientSets(family, classes));
        NftClassCodec.Write(Chains(writer), classes, NftSkeleton.PodRanges(family, scope).Length > 0);
    });

    /// <summary>Deletes the chains that only unused classes had.</summary>
    public void RemoveClasses(IEnumerable<NftClass> unused, IEnumerable<NftClass> used) =>
        Commit(socket, writer => NftClassCodec.Delete(Chains(writer), unused, used));

    private static void Declare(NftTableWriter tables, IpFamily family, ServicesScope scope) =>
        tables.Declare(NftSkeleton.Table(family, scope), NftSets.ClusterCidrs);

    private NftRuleWriter Chains(NetlinkWriter writer) => new(writer, family, NftSets.Table);

    private static void Commit(NetlinkSocket socket, Action<NetlinkWriter> write) =>
        socket.Commit($"cannot change table {NftSets.Table}", NetfilterCodec.Transaction(write));
}
