using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Dns;

/// <summary>One line of a zone file (RFC 1035 section 5.1): owner, TTL and class in either order and both optional, type,
/// data.</summary>
public static class DnsRecordText
{
    private const uint DefaultTtl = 3600;

    /// <param name="error">What is wrong with the line.</param>
    public static bool TryParse(string line, out DnsRecord record, out string error)
    {
        record = default;
        var words = Words(line);
        if (words.Count < 3)
        {
            error = "a record is a name, a type and data, with a TTL and IN between";
            return false;
        }
        if (!DnsName.TryParse(words[0], out var name, out var problem))
        {
            error = problem;
            return false;
        }
        var (ttl, at) = (DefaultTtl, 1);
        for (; at < words.Count; at++)
        {
            if (uint.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) ttl = number;
            else if (words[at] != "IN") break;
        }
        if (at >= words.Count || !DnsWords.TryParseType(words[at], out var type))
        {
            error = $"'{(at < words.Count ? words[at] : "")}' is not a type of record";
            return false;
        }
        if (Data(type, words[(at + 1)..]) is not { } data)
        {
            error = $"'{string.Join(' ', words[(at + 1)..])}' is no data of a record of type {type.Word()}";
            return false;
        }
        record = new(name, type, ttl, data);
        error = "";
        return true;
    }

    private static DnsData? Data(DnsType type, List<string> words)
    {
        switch (type)
        {
            case DnsType.A or DnsType.AAAA when words is [var text] && IpAddress.TryParse(text, out var address)
                && address.Family == (type == DnsType.A ? IpFamily.V4 : IpFamily.V6):
                return DnsData.Of(address);
            case DnsType.CNAME or DnsType.NS or DnsType.PTR or DnsType.DNAME
                when words is [var text] && DnsName.TryParse(text, out var target, out _):
                return DnsData.Of(target);
            case DnsType.TXT or DnsType.HINFO when words.Count > 0:
                return DnsData.Text([.. words]);
            case DnsType.MX when words is [var preference, var text] && Numbers([preference]) is { } numbers
                && DnsName.TryParse(text, out var host, out _):
                return DnsData.FromWire([.. Bytes(numbers), .. host.Wire]);
            case DnsType.SRV when words is [var priority, var weight, var port, var text]
                && Numbers([priority, weight, port]) is { } numbers && DnsName.TryParse(text, out var host, out _):
                return DnsData.Srv(numbers[0], numbers[1], numbers[2], host);
            case DnsType.SOA when words is [var server, var mailbox, .. var rest] && rest.Count == 5
                && DnsName.TryParse(server, out var origin, out _) && DnsName.TryParse(mailbox, out var person, out _)
                && rest.TrueForAll(r => uint.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out _)):
                var n = rest.ConvertAll(r => uint.Parse(r, CultureInfo.InvariantCulture));
                return DnsData.Of(new DnsSoa(origin, person, n[0], n[1], n[2], n[3], n[4]));
            default:
                return null;
        }
    }

    private static ushort[]? Numbers(string[] words)
    {
        var numbers = new ushort[words.Length];
        for (var i = 0; i < words.Length; i++)
            if (!ushort.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        return numbers;
    }

    private static IEnumerable<byte> Bytes(ushort[] numbers) => numbers.SelectMany(n => (byte[])[(byte)(n >> 8), (byte)n]);

    /// <summary>Words between blanks; what stands in quotes is one.</summary>
    private static List<string> Words(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        var (quoted, any) = (false, false);
        foreach (var letter in line)
        {
            if (letter == '"')
            {
                (quoted, any) = (!quoted, true);
            }
            else if (quoted || !char.IsWhiteSpace(letter))
            {
                word.Append(letter);
                any = true;
            }
            else if (any)
            {
                words.Add(word.ToString());
                word.Clear();
                any = false;
            }
        }
        if (any) words.Add(word.ToString());
        return words;
    }
}
