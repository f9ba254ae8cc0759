using System.Globalization;

namespace Causeway.Core.Addressing;

/// <summary>An address as an interface carries it: the address itself and the length of its network
/// (<c>10.0.0.7/24</c>). <c>default</c> is 0.0.0.0/0.</summary>
public readonly record struct InterfaceAddress(IpAddress Address, int Length)
{
    public Prefix Network => Prefix.Of(Address, Length);

    /// <summary>Strict: an address, a slash, a decimal length. Throws <see cref="FormatException"/>.</summary>
    public static InterfaceAddress Parse(ReadOnlySpan<char> text) => TryParse(text, out var parsed)
        ? parsed
        : throw new FormatException($"'{text}' is not an address with a prefix length");

    public static bool TryParse(ReadOnlySpan<char> text, out InterfaceAddress parsed)
    {
        parsed = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || !IpAddress.TryParse(text[..slash], out var address)) return false;
        var digits = text[(slash + 1)..];
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')) return false;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length)) return false;
        if (length > address.Family.Bits) return false;
        parsed = new(address, length);
        return true;
    }

    public override string ToString() => string.Concat(Address.ToString(), "/", Length.ToString(CultureInfo.InvariantCulture));
}
