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
    /// that is none of the format, or an end within a table, throws <see cref="FormatException"/> with its number.
    /// </summary>
    /// <param name="text">UTF-8; kept, since a chain's rules are read when they are asked for.</param>
    public static IReadOnlyList<IptablesTable> Parse(
        ReadOnlyMemory<byte> text, IpFamily family, IptablesBackend backend = IptablesBackend.Nft)
    {
        List<IptablesTable> tables = [];
        IptablesTableReader? reader = null;
        var number = 0;
        foreach (var range in text.Span.Split((byte)'\n'))
        {
            number++;
            var line = text.Span[range].TrimEnd("\r "u8);
            if (line.IsEmpty || line[0] == '#') continue;
            try
            {
                if (line[0] == '*' && reader is null)
                {
                    reader = new(Encoding.UTF8.GetString(line[1..]), family, text);
                }
                else if (line.SequenceEqual("COMMIT"u8) && reader is not null)
                {
                    tables.Add(reader.Table(backend));
                    reader = null;
                }
                else
                {
                    (reader ?? throw new FormatException("no table before it")).Read(range.Start.Value, line.Length);
                }
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                throw new FormatException($"line {number} of iptables-save: '{Quote(line)}': {e.Message}", e);
            }
        }
        // Half of the rules would be taken for all of them.
        return reader is null
            ? tables
            : throw new FormatException($"line {number} of iptables-save: table {reader.Name} has no COMMIT: the text is cut");
    }

    public static IReadOnlyList<IptablesTable> Parse(
        string text, IpFamily family, IptablesBackend backend = IptablesBackend.Nft) =>
        Parse(Encoding.UTF8.GetBytes(text), family, backend);

    /// <summary>One table as the tool saves it, without counters.</summary>
    public static string Print(IptablesTable table)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"*{table.Name}\n");
        foreach (var chain in table.Chains)
            text.Append(CultureInfo.InvariantCulture, $":{chain.Name} {chain.Policy ?? "-"} [0:0]\n");
        foreach (var line in table.Chains.SelectMany(c => c.Lines)) text.Append(line).Append('\n');
        return text.Append("COMMIT\n").ToString();
    }

    private static string Quote(ReadOnlySpan<byte> line) => line.Length > LongestQuote
        ? $"{Encoding.UTF8.GetString(line[..LongestQuote])}..."
        : Encoding.UTF8.GetString(line);
}
