using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>The text of <c>iptables-save</c> and <c>ip6tables-save</c>, with or without <c>-c</c>.</summary>
public static class IptablesSave
{
    private const int LongestQuote = 120;

    /// <summary>
    /// The tables in the order of the text. Matches and targets that the model does not know are kept in words; a line
    /// that is none of the format throws <see cref="FormatException"/> with its number.
    /// </summary>
    public static IReadOnlyList<IptablesTable> Parse(
        string text, IpFamily family, IptablesBackend backend = IptablesBackend.Nft)
    {
        List<IptablesTable> tables = [];
        TableReader? reader = null;
        var number = 0;
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0) end = text.Length;
            var line = text.AsMemory(start, end - start).TrimEnd("\r ");
            start = end + 1;
            number++;
            if (line.IsEmpty || line.Span[0] == '#') continue;
            try
            {
                if (line.Span[0] == '*') reader = new(line[1..].ToString(), family);
                else if (line.Span is "COMMIT") tables.Add((reader ?? throw new FormatException("no table before it")).Table(backend));
                else (reader ?? throw new FormatException("no table before it")).Read(line);
            }
            catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException
                or ArgumentException)
            {
                var quote = line.Length > LongestQuote ? $"{line[..LongestQuote]}..." : line.ToString();
                throw new FormatException($"line {number} of iptables-save: '{quote}': {e.Message}", e);
            }
        }
        return tables;
    }

    /// <summary>One table as the tool saves it, without counters.</summary>
    public static string Print(IptablesTable table)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"*{table.Name}\n");
        foreach (var chain in table.Chains)
            text.Append(CultureInfo.InvariantCulture, $":{chain.Name} {chain.Policy ?? "-"} [0:0]\n");
        foreach (var rule in table.Chains.SelectMany(c => c.Rules)) text.Append(rule.Text).Append('\n');
        return text.Append("COMMIT\n").ToString();
    }

    private sealed class TableReader(string name, IpFamily family)
    {
        private readonly List<(string Name, string? Policy, ImmutableArray<IptablesRule>.Builder Rules)> _chains = [];
        private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
        private IptablesRuleParser? _parser;

        public IptablesTable Table(IptablesBackend backend) => new()
        {
            Family = family, Name = name, Backend = backend,
            Chains = [.. _chains.Select(c => new IptablesChain(c.Name, c.Policy, c.Rules.ToImmutable()))],
        };

        public void Read(ReadOnlyMemory<char> line)
        {
            if (line.Span[0] == ':')
            {
                var words = line[1..].ToString().Split(' ');
                Declare(words[0], words.Length > 1 && words[1] != "-" ? words[1] : null);
                return;
            }
            var (packets, bytes) = (0UL, 0UL);
            if (line.Span[0] == '[')
            {
                var close = line.Span.IndexOf(']');
                var colon = line.Span.IndexOf(':');
                if (close < 0 || colon < 0 || colon > close) throw new FormatException("no counters between brackets");
                packets = ulong.Parse(line.Span[1..colon], CultureInfo.InvariantCulture);
                bytes = ulong.Parse(line.Span[(colon + 1)..close], CultureInfo.InvariantCulture);
                line = line[(close + 2)..];
            }
            if (!line.Span.StartsWith("-A ")) throw new FormatException("neither a table, a chain nor a rule");
            var end = IptablesTokens.End(line.Span, 3);
            var chains = _index.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!chains.TryGetValue(line.Span[3..end], out var index)) throw new FormatException("the chain is not declared");
            _parser ??= new(family, _index);
            var rule = _parser.Parse(line, Math.Min(end + 1, line.Length));
            _chains[index].Rules.Add(packets == 0 && bytes == 0 ? rule : rule with { Packets = packets, Bytes = bytes });
        }

        private void Declare(string chain, string? policy)
        {
            if (!_index.TryAdd(chain, _chains.Count)) throw new FormatException("the chain is declared twice");
            _chains.Add((chain, policy, ImmutableArray.CreateBuilder<IptablesRule>()));
        }
    }
}
