using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>A field of a packet as nftables compares it.</summary>
/// <param name="Text">In nft's words, numbers in decimal; the key of an element.</param>
/// <param name="Absent">The packet has no such field: no comparison holds.</param>
internal readonly record struct NftField(IpAddress? Address, string Text, bool Absent = false)
{
    public static readonly NftField Missing = new(null, "", Absent: true);

    private static readonly string[] TcpFlags = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"];

    public static NftField Of(uint value) => new(null, value.ToString(CultureInfo.InvariantCulture));

    public static NftField Of(IpAddress address) => new(address, address.ToString());

    public static NftField Of(string text) => new(null, text);

    public uint? Number => Read(Text);

    /// <summary>A number in nft's words, or the names of TCP flags; null for what is neither.</summary>
    public static uint? Read(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, null, out var hex) ? hex : null;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        uint bits = 0;
        foreach (var word in text.Trim('(', ')').Split([',', '|'], StringSplitOptions.TrimEntries))
        {
            var bit = Array.IndexOf(TcpFlags, word);
            if (bit < 0) return null;
            bits |= 1u << bit;
        }
        return bits;
    }

    /// <summary>Whether a constant of nft holds this field: a value, a prefix, a range, a name with a wildcard.</summary>
    public bool? IsIn(string value)
    {
        value = value.Trim('"');
        if (Address is { } address) return Holds(value, address);
        if (value.EndsWith('*')) return Text.StartsWith(value[..^1], StringComparison.Ordinal);
        if (Number is not { } number) return Word(value) == Word(Text);
        var dash = value.IndexOf('-');
        if (dash > 0)
            return Read(value[..dash]) is { } low && Read(value[(dash + 1)..]) is { } high
                ? number >= low && number <= high
                : null;
        return Read(value) is { } wanted ? number == wanted : null;
    }

    private static bool? Holds(string value, IpAddress address)
    {
        if (IpAddress.TryParse(value, out var one)) return one == address;
        if (Prefix.TryParse(value, out var prefix)) return prefix.Contains(address);
        var dash = value.IndexOf('-');
        return dash > 0 && IpAddress.TryParse(value.AsSpan(0, dash), out var low)
            && IpAddress.TryParse(value.AsSpan(dash + 1), out var high)
            ? low.Family == address.Family && address.CompareTo(low) >= 0 && address.CompareTo(high) <= 0
            : null;
    }

    private static string Word(string text) => text is "icmpv6" ? "ipv6-icmp" : text;
}
