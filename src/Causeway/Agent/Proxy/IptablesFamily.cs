using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Iptables;
using Causeway.Core.Services.Iptables;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Agent.Proxy;

/// <summary>One family's services in iptables.</summary>
/// <param name="ours">Told each change; its socket makes those that need no tool, where it has one.</param>
/// <param name="counts">Watches the tables, where the kernel does not tell of changes; else null.</param>
internal sealed class IptablesFamily(
    IptablesServices services, IptablesTool tool, OwnChanges ours, LegacyCounts? counts) : IDisposable
{
    private static readonly string[] Tables = [ProxyChains.Filter, ProxyChains.Nat];

    private (uint Entries, uint Bytes)?[] _left = [];

    /// <summary>Brings what changed since the last call to the kernel.</summary>
    public void Apply()
    {
        var change = services.Take();
        if (!change.IsEmpty && !TryCommit(change)) Restore(IptablesScript.Of(change));
    }

    /// <summary>Makes all our chains as planned; what was not, one line each.</summary>
    public IReadOnlyList<string> Resync()
    {
        var pending = services.Take();
        // Who changes something behind this point is seen at the next look.
        _left = Counts();
        var repair = IptablesRepair.Of(services, Read(tool, services.Family, Tables), ours.Socket is not null, pending);
        Restore(repair.Script);
        if (!repair.Batch.IsEmpty && !TryCommit(repair.Batch)) Restore(IptablesScript.Of(repair.Batch));
        return [.. repair.Differences.Select(d => $"{tool.Name(services.Family)}: {d}")];
    }

    /// <summary>Whether the tables are as large as we left them.</summary>
    public bool LooksIntact() => counts is null || _left.AsSpan().SequenceEqual(Counts());

    public void Dispose() => counts?.Dispose();

    /// <summary>Removes everything that is ours. The address of the socket of the change; null when there was
    /// nothing.</summary>
    public static uint? Remove(IptablesTool tool, IpFamily family)
    {
        string[] marked = [.. Tables.Where(t => tool.Holds(family, t, ProxyChains.Mark))];
        if (marked.Length == 0) return null;
        var script = IptablesRepair.Removal(Read(tool, family, marked)).Script;
        return tool.Restore(family, script);
    }

    private static List<IptablesTable> Read(IptablesTool tool, IpFamily family, IEnumerable<string> tables)
    {
        try
        {
            return [.. tables.SelectMany(t => IptablesSave.Parse(tool.Save(family, t), family, tool.Backend))];
        }
        catch (FormatException e)
        {
            throw new IOException($"{tool.Name(family)}: {e.Message}", e);
        }
    }

    /// <summary>False where the change needs the tool.</summary>
    private bool TryCommit(IptablesChange change) => ours.Socket is { } socket && IptablesBatch.TryCommit(
        services.Family, change,
        transaction => socket.Commit($"cannot change chains of {tool.Name(services.Family)}", transaction));

    private void Restore(string script)
    {
        if (script.Length == 0) return;
        ours.Add(tool.Restore(services.Family, script), IptablesScript.Transactions(script));
        _left = Counts();
    }

    private (uint Entries, uint Bytes)?[] Counts() =>
        counts is null ? [] : [.. Tables.Select(counts.Of)];
}
