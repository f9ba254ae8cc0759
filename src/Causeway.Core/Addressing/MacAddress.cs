using System.Globalization;

namespace Causeway.Core.Addressing;

/// <summary>A 48-bit Ethernet address. <c>default</c> is 00:00:00:00:00:00.</summary>
public readonly record struct MacAddress(ulong Value)
{
    public const int Bytes = 6;

    public bool IsZero => Value == 0;

    /// <summary>The group bit: broadcast and multicast.</summary>
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    /// <summary>A unicast, locally administered address made from 46 bits of a hash.</summary>
    public static MacAddress Local(ulong hash) => new((hash & 0xFCFF_FFFF_FFFF) | 0x0200_0000_0000);

    /// <summary>Reads 6 bytes; any other length throws.</summary>
    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Bytes)
            throw new ArgumentException($"a MAC address has 6 bytes, not {bytes.Length}", nameof(bytes));
        ulong value = 0;
        foreach (var b in bytes) value = value << 8 | b;
        return new(value);
    }

    /// <summary>Six bytes in network order.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        for (var i = 0; i < Bytes; i++) bytes[i] = (byte)(Value >> (40 - 8 * i));
        return bytes;
    }

    /// <summary>Six pairs of hexadecimal digits with colons. Throws <see cref="FormatException"/>.</summary>
    public static MacAddress Parse(ReadOnlySpan<char> text) => TryParse(text, out var mac)
        ? mac
        : throw new FormatException($"'{text}' is not a MAC address");

    public static bool TryParse(ReadOnlySpan<char> text, out MacAddress mac)
    {
        mac = default;
        if (text.Length != 17) return false;
        ulong value = 0;
        for (var i = 0; i < Bytes; i++)
        {
            if (i > 0 && text[3 * i - 1] != ':') return false;
            var pair = text.Slice(3 * i, 2);
            if (!byte.TryParse(pair, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
                return false;
            value = value << 8 | b;
        }
        mac = new(value);
        return true;
    }

    public override string ToString() => string.Join(':', ToBytes().Select(b => b.ToString("x2")));
}
