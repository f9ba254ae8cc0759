using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Linux.Netfilter;

namespace Causeway.Agent.Proxy;

/// <summary>One family's table of services.</summary>
internal sealed class NftFamily(NftServiceTable table)
{
    /// <summary>Chains that nothing goes to are deleted when there are this many.</summary>
    private const int UnusedLimit = 32;

    private readonly NftServices _services = new(table.Family);
    private readonly HashSet<NftClass> _loaded = [];
    private ServicesScope _scope = new();

    public void SetScope(ServicesScope scope) => _scope = scope;

    public void Set(ServicePortKey key, ServicePortPlan? plan) => _services.Set(key, plan);

    /// <summary>Brings what changed since the last call to the kernel.</summary>
    public void Apply()
    {
        var change = _services.Take();
        if (change.IsEmpty) return;
        NftClass[] missing = [.. change.AddedClasses.Where(c => !_loaded.Contains(c))];
        if (missing.Length > 0)
        {
            table.AddClasses(_scope, missing);
            _loaded.UnionWith(missing);
        }
        if (change.Removed.Count + change.Added.Count > 0)
            table.Elements.Change([.. change.Removed.Select(e => e.Key)], change.Added);
        DeleteUnused();
    }

    /// <summary>Makes the table, whose sets and base chains have just been declared, as planned; what was not, one line
    /// each.</summary>
    public IReadOnlyList<string> Resync()
    {
        var pending = _services.Take();
        NftClass[] wanted = [.. _services.Classes];
        table.AddClasses(_scope, wanted);
        _loaded.Clear();
        _loaded.UnionWith(wanted);
        var (extra, missing) = Difference();
        if (extra.Count + missing.Count > 0) table.Elements.Change([.. extra.Select(e => e.Key)], missing);
        // What was not brought to the kernel yet is no difference.
        var expected = pending.Removed.Concat(pending.Added).Select(e => e.Key).ToHashSet();
        return [.. extra.Where(e => !expected.Contains(e.Key)).Select(e => $"'{Text(e)}' was in the kernel"),
            .. missing.Where(e => !expected.Contains(e.Key)).Select(e => $"'{Text(e)}' was not in the kernel")];
    }

    private (List<NftElement> Extra, List<NftElement> Missing) Difference()
    {
        var wanted = _services.Elements.ToLookup(e => e.Key.Set, StringComparer.Ordinal);
        List<NftElement> extra = [], missing = [];
        foreach (var set in NftSets.All)
        {
            var present = table.Elements.Read(set.Name);
            // A set that the kernel is growing may be told with gaps.
            if (wanted[set.Name].Any(e => !present.ContainsKey(e.Key)))
                foreach (var (key, value) in table.Elements.Read(set.Name)) present[key] = value;
            foreach (var element in wanted[set.Name])
            {
                if (present.Remove(element.Key, out var value))
                {
                    if (value == element.Value) continue;
                    extra.Add(new(element.Key, value));
                }
                missing.Add(element);
            }
            extra.AddRange(present.Select(p => new NftElement(p.Key, p.Value)));
        }
        return (extra, missing);
    }

    private string Text(NftElement element) =>
        $"{element.Key.Set}: {NftElementText.Print(table.Family, element)}";

    private void DeleteUnused()
    {
        HashSet<NftClass> used = [.. _services.Classes];
        NftClass[] unused = [.. _loaded.Where(c => !used.Contains(c))];
        if (unused.Length < UnusedLimit) return;
        table.RemoveClasses(unused, used);
        _loaded.ExceptWith(unused);
    }
}
