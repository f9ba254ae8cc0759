using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Naming.Resolving;

/// <summary>IPv4 addresses as inet_aton(3) reads them: one to four parts, decimal, octal (<c>0</c>) or hexadecimal
/// (<c>0x</c>), the last of which fills the bytes that are left.</summary>
internal static class ClassicAddress
{
    public static bool TryParse(string text, out IpAddress address)
    {
        address = default;
        var parts = text.Split('.');
        if (parts.Length > 4) return false;
        ulong value = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            if (Part(parts[i]) is not { } part) return false;
            var last = i == parts.Length - 1;
            var bits = last ? 32 - (8 * i) : 8;
            if (part >= 1ul << bits) return false;
            value = (value << bits) | part;
        }
        address = IpAddress.V4((uint)value);
        return true;
    }

    private static ulong? Part(string text)
    {
        if (text.Length is 0 or > 12) return null;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var hex) ? hex : null;
        if (text[0] != '0')
            return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        ulong octal = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7') return null;
            octal = (octal << 3) | (uint)(digit - '0');
        }
        return octal;
    }
}
