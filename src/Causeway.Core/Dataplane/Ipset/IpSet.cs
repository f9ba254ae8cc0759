using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Ipset;

/// <summary>A set of ipset.</summary>
public sealed record IpSet : Entry
{
    public required string Name { get; init; }

    /// <summary><c>hash:ip,port</c>, <c>bitmap:port</c>, <c>list:set</c>, ...</summary>
    public required string Type { get; init; }

    /// <summary>The options of the create line, in the tool's words.</summary>
    public string Options { get; init; } = "";

    public required IpsetMembers Members { get; init; }

    /// <summary>What each dimension holds: <c>ip</c>, <c>net</c>, <c>port</c>, <c>set</c>, ...</summary>
    public ImmutableArray<string> Dimensions => [.. Type[(Type.IndexOf(':') + 1)..].Split(',')];

    public override EntryKey Key => new(EntryKind.IpSet, Name);

    public override bool Fulfils(Entry planned) => planned is IpSet p && IpsetSave.Print(this) == IpsetSave.Print(p);

    public bool Equals(IpSet? other) => other is not null && Origin == other.Origin && Fulfils(other);

    public override int GetHashCode() => Key.GetHashCode();

    public override string ToString() => $"ipset {Name} {Type}";
}

/// <summary>A member, in the tool's words.</summary>
/// <param name="Text"><c>10.0.0.0/8,tcp:80</c>.</param>
/// <param name="NoMatch">An exception within a larger network.</param>
public sealed record IpsetMember(string Text, bool NoMatch = false)
{
    /// <summary>Seconds that are left; never compared.</summary>
    public int? Timeout { get; init; }

    public string? Comment { get; init; }
}

/// <summary>Members, found by their parts without a search; networks by their lengths, the longest first.</summary>
public sealed class IpsetMembers
{
    private readonly Lazy<Dictionary<string, IpsetMember>> _byText;
    private readonly Lazy<ImmutableArray<int>> _lengths;

    public IpsetMembers(IEnumerable<IpsetMember> members)
    {
        All = [.. members];
        _byText = new(() =>
        {
            var index = new Dictionary<string, IpsetMember>(All.Length, StringComparer.Ordinal);
            foreach (var member in All) index.TryAdd(member.Text, member);
            return index;
        });
        _lengths = new(() => [.. All.SelectMany(m => m.Text.Split(',').Select(Length)).Distinct().OrderDescending()]);
    }

    public ImmutableArray<IpsetMember> All { get; }

    /// <summary>The member for a packet's parts: an address for ip and net, <c>tcp:80</c> for a port.</summary>
    public IpsetMember? Find(ReadOnlySpan<string> parts)
    {
        if (_byText.Value.TryGetValue(string.Join(',', parts), out var exact)) return exact;
        return Find([.. parts], 0);
    }

    private IpsetMember? Find(string[] parts, int from)
    {
        for (var i = from; i < parts.Length; i++)
        {
            if (!IpAddress.TryParse(parts[i], out var address)) continue;
            foreach (var length in _lengths.Value.Where(l => l >= 0 && l < address.Host.Length))
            {
                string[] wider = [.. parts];
                wider[i] = Prefix.Of(address, length).ToString();
                if (_byText.Value.TryGetValue(string.Join(',', wider), out var member)) return member;
                if (Find(wider, i + 1) is { } deeper) return deeper;
            }
        }
        return null;
    }

    private static int Length(string part)
    {
        var slash = part.IndexOf('/');
        return slash < 0 ? -1 : int.TryParse(part.AsSpan(slash + 1), out var length) ? length : -1;
    }
}
