using System.Globalization;
using System.Text;

namespace Causeway.Core.Services.Iptables;

/// <summary>Text for <c>iptables-restore --noflush</c>: each table one transaction, filter first, so that what is to be
/// refused is refused before its translation goes.</summary>
public sealed class IptablesScript
{
    private readonly SortedDictionary<string, Table> _tables = new(StringComparer.Ordinal);

    public static string Of(IptablesChange change)
    {
        IptablesScript script = new();
        foreach (var chain in change.Written) script.Write(chain);
        foreach (var rule in change.Removed) script.Remove(rule);
        foreach (var rule in change.Added) script.Insert(rule);
        foreach (var chain in change.Gone) script.Delete(chain);
        return script.ToString();
    }

    /// <summary>How many transactions the tool makes of a script.</summary>
    public static int Transactions(string script) => script.AsSpan().Count("COMMIT\n");

    /// <summary>Makes or empties a chain, and fills it.</summary>
    public void Write(ChainRules chain)
    {
        var table = Declare(chain.Chain);
        foreach (var rule in chain.Rules)
            table.Rules.Append(CultureInfo.InvariantCulture, $"-A {chain.Chain.Name} {rule}\n");
    }

    public void Remove(SharedRule rule) =>
        Of(rule.Chain).Rules.Append(CultureInfo.InvariantCulture, $"-D {rule.Chain.Name} {rule.Rule}\n");

    /// <summary>Puts a rule at the head.</summary>
    public void Insert(SharedRule rule) =>
        Of(rule.Chain).Rules.Append(CultureInfo.InvariantCulture, $"-I {rule.Chain.Name} {rule.Rule}\n");

    /// <summary>Empties a chain, and deletes it after everything else, when nothing goes to it.</summary>
    public void Delete(ChainKey chain) =>
        Declare(chain).Deletions.Append(CultureInfo.InvariantCulture, $"-X {chain.Name}\n");

    /// <summary>Empty when there is nothing to do.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (var (name, table) in _tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"*{name}\n").Append(table.Chains)
                .Append(table.Rules).Append(table.Deletions).Append("COMMIT\n");
        }
        return text.ToString();
    }

    private Table Declare(ChainKey chain)
    {
        var table = Of(chain);
        table.Chains.Append(CultureInfo.InvariantCulture, $":{chain.Name} - [0:0]\n");
        return table;
    }

    private Table Of(ChainKey chain)
    {
        if (!_tables.TryGetValue(chain.Table, out var table)) _tables[chain.Table] = table = new();
        return table;
    }

    private sealed class Table
    {
        public StringBuilder Chains { get; } = new();

        public StringBuilder Rules { get; } = new();

        public StringBuilder Deletions { get; } = new();
    }
}
