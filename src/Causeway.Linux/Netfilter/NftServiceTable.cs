using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Netfilter;

/// <summary>The nftables table of one family's services in one namespace. All methods throw
/// <see cref="IOException"/> with what the kernel or the tool refused.</summary>
/// <param name="socket">Of nfnetlink, in the namespace.</param>
/// <param name="run">Runs a script of nft in the namespace.</param>
public sealed class NftServiceTable(NetlinkSocket socket, IpFamily family, Action<string> run)
{
    private readonly NetlinkWriter _writer = new(16 * 1024);

    public IpFamily Family => family;

    public NftElements Elements { get; } = new(socket, family, NftSets.Table);

    /// <summary>Makes or repairs the sets and base chains of these families' tables; elements that are there stay.
    /// What is there and cannot be repaired is made anew.</summary>
    /// <param name="run">Runs a script of nft: once for all families, since its start is most of what it takes.</param>
    public static void Declare(IEnumerable<IpFamily> families, ServicesScope scope, Action<string> run)
    {
        var scripts = families.ToDictionary(family => family, family => NftSkeleton.Load(family, scope));
        if (TryRun(string.Concat(scripts.Values))) return;
        foreach (var (family, script) in scripts)
            if (!TryRun(script)) run(NftSkeleton.Cleanup(family) + script);

        bool TryRun(string script)
        {
            try
            {
                run(script);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    /// <summary>The whole table with the chains of these classes.</summary>
    public void Load(ServicesScope scope, IReadOnlyCollection<NftClass> classes)
    {
        Declare([family], scope, run);
        AddClasses(scope, classes);
    }

    /// <summary>Makes or renews the chains of classes.</summary>
    public void AddClasses(ServicesScope scope, IReadOnlyCollection<NftClass> classes)
    {
        if (NftSkeleton.AddSets(family, classes) is { Length: > 0 } sets) run(sets);
        Commit(writer => NftClassCodec.Write(writer, classes, NftSkeleton.PodRanges(family, scope).Length > 0));
    }

    /// <summary>Deletes the chains that only unused classes had.</summary>
    public void RemoveClasses(IEnumerable<NftClass> unused, IEnumerable<NftClass> used) =>
        Commit(writer => NftClassCodec.Delete(writer, unused, used));

    private void Commit(Action<NftRuleWriter> write)
    {
        _writer.Clear();
        NetfilterCodec.WriteBegin(_writer);
        write(new NftRuleWriter(_writer, family, NftSets.Table));
        NetfilterCodec.WriteEnd(_writer);
        socket.Commit($"cannot change the chains of table {NftSets.Table}", _writer);
    }
}
