using System.Text;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// Tables of nftables as records, to the messages of one transaction. The tool lists the result as it lists what it makes of
/// <see cref="NftText"/>. What our own tables hold is known, and little else: the rest throws
/// <see cref="NotSupportedException"/>, whose message names it, and is for the tool.
/// </summary>
public sealed class NftTableWriter(NetlinkWriter writer)
{
    private const int NewTable = 0;
    private const int DeleteTable = 2;

    private int _sets;

    /// <summary>Puts the table in place of what is there.</summary>
    public void Replace(NftTable table)
    {
        Remove(table.Family, table.Name);
        Table(NewTable, Number(table.Family), table.Name);
        AddSets(table.Family, table.Name, table.Sets);
        foreach (var set in table.Sets) NftSetCodec.WriteElements(writer, Number(table.Family), table.Name, set);
        Chains(table);
    }

    /// <summary>
    /// Makes or repairs the sets and chains of a table, and leaves what else there is. The kernel refuses that where
    /// something of the same name has another shape.
    /// </summary>
    /// <param name="whole">Sets that get the elements of the record; those of others stay.</param>
    public void Declare(NftTable table, params ReadOnlySpan<string> whole)
    {
        var family = Number(table.Family);
        Table(NewTable, family, table.Name);
        AddSets(table.Family, table.Name, table.Sets);
        foreach (var set in table.Sets)
        {
            if (!whole.Contains(set.Name)) continue;
            NftElementCodec.WriteFlush(writer, family, table.Name, set.Name);
            NftSetCodec.WriteElements(writer, family, table.Name, set);
        }
        Chains(table);
    }

    /// <summary>Removes a table, whether it is there or not.</summary>
    public void Remove(string family, string name)
    {
        var number = Number(family);
        Table(NewTable, number, name);
        Table(DeleteTable, number, name);
    }

    /// <summary>Makes sets, without elements, in a table that is there; leaves those that it has.</summary>
    public void AddSets(string family, string table, IEnumerable<NftSet> sets)
    {
        foreach (var set in sets) NftSetCodec.WriteNew(writer, Number(family), table, set, ++_sets);
    }

    internal static NotSupportedException Unknown(string what) => new($"'{what}' cannot be said to the kernel without nft");

    private static byte Number(string family) => NetfilterCodec.FamilyNumber(family) ?? throw Unknown($"table {family}");

    private void Table(int message, byte family, string name)
    {
        NetfilterCodec.Begin(writer, message, family, NetlinkFlags.None);
        writer.Text(1, name);
        // It is awake.
        if (message == NewTable) writer.U32(2, 0);
        writer.End();
    }

    private void Chains(NftTable table)
    {
        if (table.Family is not ("ip" or "ip6" or "inet")) throw Unknown($"chains of {table.Family}");
        NftRuleWriter steps = new(writer, Number(table.Family), table.Name);
        // All chains before any rule: rules go to chains that come later.
        foreach (var chain in table.Chains)
        {
            if (chain.Hook is { } hook) steps.AddChain(chain.Name, hook);
            else steps.AddChain(chain.Name);
            steps.Flush(chain.Name);
        }
        foreach (var chain in table.Chains)
        foreach (var rule in chain.Rules)
        {
            if (rule.Comment is { } comment && Encoding.UTF8.GetByteCount(comment) > NftRule.LongestComment)
                throw Unknown($"comment {comment}");
            steps.BeginRule(chain.Name);
            NftStatementWriter statements = new(steps, table.Family == "inet");
            foreach (var statement in rule.Statements) statements.Write(statement);
            steps.EndRule(rule.Comment);
        }
    }
}
