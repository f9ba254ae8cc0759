using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>Takes the lines of one table: chains are declared, and each gets the places of its rules.</summary>
/// <param name="text">The whole text, of which the lines are told by their places.</param>
internal sealed class IptablesTableReader(string table, IpFamily family, ReadOnlyMemory<byte> text)
{
    private readonly ImmutableArray<IptablesChain>.Builder _chains = ImmutableArray.CreateBuilder<IptablesChain>();
    private readonly Dictionary<string, IptablesChain> _byName = new(StringComparer.Ordinal);
    private IptablesRuleParser? _rules;
    private IptablesChain? _last;

    public string Name => table;

    public IptablesTable Table(IptablesBackend backend) => new()
    {
        Family = family, Name = table, Backend = backend, Chains = _chains.ToImmutable(),
    };

    /// <summary>Throws <see cref="FormatException"/> and <see cref="OverflowException"/> where the line declares no
    /// chain and adds no rule to one.</summary>
    public void Read(int start, int length)
    {
        var line = text.Span.Slice(start, length);
        if (line[0] == ':')
        {
            Declare(line[1..]);
            _last = null;
            return;
        }
        var rule = IptablesCounters.Read(line, out _);
        if (!rule.StartsWith("-A "u8)) throw new FormatException("neither a table, a chain nor a rule");
        rule = rule[3..];
        var end = rule.IndexOf((byte)' ');
        var name = end < 0 ? rule : rule[..end];
        // The tool writes the rules of one chain together.
        var follows = _last is not null && Ascii.Equals(name, _last.Name);
        if (!follows && !_byName.TryGetValue(Encoding.UTF8.GetString(name), out _last))
            throw new FormatException("the chain is not declared");
        _last!.Add(start, start + length, follows);
    }

    private void Declare(ReadOnlySpan<byte> line)
    {
        var words = Encoding.UTF8.GetString(line).Split(' ');
        _rules ??= new(family, text, _byName.ContainsKey);
        IptablesChain chain = new(words[0], words.Length > 1 && words[1] != "-" ? words[1] : null, _rules);
        if (!_byName.TryAdd(chain.Name, chain)) throw new FormatException("the chain is declared twice");
        _chains.Add(chain);
    }
}

/// <summary>How many packets and bytes met a rule.</summary>
internal readonly record struct IptablesCounters(ulong Packets, ulong Bytes)
{
    /// <summary>Reads <c>[3:180] </c> before a rule, zeros where it is not there, and returns the rule. Throws
    /// <see cref="FormatException"/> and <see cref="OverflowException"/>.</summary>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> line, out IptablesCounters counters)
    {
        counters = default;
        if (line.IsEmpty || line[0] != '[') return line;
        var close = line.IndexOf("] "u8);
        var colon = line.IndexOf((byte)':');
        if (close < 0 || colon < 0 || colon > close) throw new FormatException("no counters between brackets");
        counters = new(
            ulong.Parse(line[1..colon], NumberStyles.None, CultureInfo.InvariantCulture),
            ulong.Parse(line[(colon + 1)..close], NumberStyles.None, CultureInfo.InvariantCulture));
        return line[(close + 2)..];
    }
}
