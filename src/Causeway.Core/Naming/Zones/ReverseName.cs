using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>Names of addresses: <c>1.0.96.10.in-addr.arpa.</c> (RFC 1035 section 3.5) and the nibbles of
/// <c>ip6.arpa.</c> (RFC 3596 section 2.5).</summary>
public static class ReverseName
{
    public static readonly DnsName V4 = DnsName.Parse("in-addr.arpa.");
    public static readonly DnsName V6 = DnsName.Parse("ip6.arpa.");

    public static DnsName Of(IpAddress address)
    {
        var bytes = address.ToBytes();
        Array.Reverse(bytes);
        return address.Family == IpFamily.V4
            ? DnsName.Parse($"{string.Join('.', bytes)}.{V4}")
            : DnsName.Parse($"{string.Join('.', bytes.SelectMany(b => new[] { b & 0xF, b >> 4 }).Select(n => $"{n:x}"))}.{V6}");
    }

    /// <summary>False for names of whole ranges as for anything else.</summary>
    public static bool TryRead(DnsName name, out IpAddress address)
    {
        address = default;
        if (name.TryRelativeTo(V4, out var relative)) return relative.LabelCount == 4 && TryV4(relative, out address);
        return name.TryRelativeTo(V6, out relative) && relative.LabelCount == 32 && TryV6(relative, out address);
    }

    private static bool TryV4(DnsName numbers, out IpAddress address)
    {
        uint value = 0;
        address = default;
        for (var i = 0; i < 4; i++, numbers = numbers.Parent)
        {
            var label = numbers.FirstLabel;
            if (label.Length > 3 || !byte.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var part)
                || (label.Length > 1 && label[0] == (byte)'0')) return false;
            value |= (uint)part << 8 * i;
        }
        address = IpAddress.V4(value);
        return true;
    }

    private static bool TryV6(DnsName nibbles, out IpAddress address)
    {
        UInt128 value = 0;
        address = default;
        for (var i = 0; i < 32; i++, nibbles = nibbles.Parent)
        {
            var label = nibbles.FirstLabel;
            if (label.Length != 1 || !char.IsAsciiHexDigit((char)label[0])) return false;
            value |= (UInt128)Convert.ToInt32(((char)label[0]).ToString(), 16) << 4 * i;
        }
        address = IpAddress.V6(value);
        return true;
    }
}
