using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>An option with the words behind it.</summary>
internal sealed record IptablesOption(string Name, bool Negated, List<string> Words)
{
    public string Value => Words.Count > 0 ? Words[0] : throw new FormatException($"{Name} needs a value");

    /// <summary>The options of a segment; <paramref name="module"/> is what follows <c>-m</c> or <c>-j</c>.</summary>
    public static List<IptablesOption> Split(string segment, out string? module)
    {
        module = null;
        List<IptablesOption> options = [];
        var negated = false;
        for (var i = 0; i < segment.Length;)
        {
            var end = IptablesTokens.End(segment, i);
            var word = IptablesTokens.Unquoted(segment.AsSpan(i, end - i));
            var quoted = segment[i] == '"';
            i = end + 1;
            if (word is "-m" or "-j" or "-g" && module is null && options.Count == 0)
            {
                end = IptablesTokens.End(segment, i);
                module = IptablesTokens.Unquoted(segment.AsSpan(i, end - i));
                i = end + 1;
            }
            else if (word == "!" && !quoted)
            {
                negated = true;
            }
            else if (!quoted && word is ['-', not (>= '0' and <= '9'), ..])
            {
                options.Add(new(word, negated, []));
                negated = false;
            }
            else if (options.Count > 0)
            {
                options[^1].Words.Add(word);
            }
        }
        return options;
    }
}

/// <summary>Numbers and names as the tool writes them.</summary>
internal static class IptablesNames
{
    public static byte? Protocol(string text, IpFamily family) => text switch
    {
        "tcp" => 6,
        "udp" => 17,
        "sctp" => 132,
        "icmp" => 1,
        "icmp6" or "icmpv6" or "ipv6-icmp" => 58,
        "gre" => 47,
        "esp" => 50,
        "ah" => 51,
        "ipencap" or "ipip" => 4,
        "ipv6" => 41,
        "vrrp" => 112,
        "igmp" => 2,
        "ospf" => 89,
        "dccp" => 33,
        "udplite" => 136,
        _ => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
    };

    public static PortRange Ports(string text)
    {
        var separator = text.AsSpan().IndexOfAny(':', '-');
        if (separator < 0) return new(Port(text), Port(text));
        return new(separator == 0 ? (ushort)0 : Port(text.AsSpan(0, separator)),
            separator == text.Length - 1 ? ushort.MaxValue : Port(text.AsSpan(separator + 1)));
    }

    /// <summary><c>0x4000/0x4000</c>; without a mask all bits count.</summary>
    public static (uint Value, uint Mask) Mark(string text)
    {
        var slash = text.IndexOf('/');
        return slash < 0
            ? (JsonField.Hexadecimal(text), uint.MaxValue)
            : (JsonField.Hexadecimal(text[..slash]), JsonField.Hexadecimal(text[(slash + 1)..]));
    }

    private static ushort Port(ReadOnlySpan<char> text) => ushort.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
