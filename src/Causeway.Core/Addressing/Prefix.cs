using System.Globalization;

namespace Causeway.Core.Addressing;

/// <summary>
/// A network: an address whose host bits are zero, and a length in bits (0..32 or 0..128).
/// Ordered by address, then by length. <c>default</c> is 0.0.0.0/0.
/// </summary>
public readonly record struct Prefix : IComparable<Prefix>
{
    private Prefix(IpAddress address, int length)
    {
        Address = address;
        Length = length;
    }

    public IpAddress Address { get; }

    public int Length { get; }

    public IpFamily Family => Address.Family;

    /// <summary>True for /32 and /128.</summary>
    public bool IsHost => Length == Family.Bits;

    /// <summary>The last address inside.</summary>
    public IpAddress Last => IpAddress.FromValue(Family, Address.Value | HostMask(Family, Length));

    /// <summary>How many addresses are inside; 2^128 saturates at UInt128.MaxValue.</summary>
    public UInt128 Count => Family.Bits - Length == 128 ? UInt128.MaxValue : UInt128.One << (Family.Bits - Length);

    /// <summary>The network of this length around an address; host bits are cleared.</summary>
    public static Prefix Of(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.Family.Bits);
        return new(IpAddress.FromValue(address.Family, address.Value & ~HostMask(address.Family, length)), length);
    }

    /// <summary>0.0.0.0/0 or ::/0.</summary>
    public static Prefix Default(IpFamily family) => new(IpAddress.Any(family), 0);

    public bool Contains(IpAddress address) => address.Family == Family
        && (address.Value & ~HostMask(Family, Length)) == Address.Value;

    public bool Contains(Prefix other) => other.Length >= Length && Contains(other.Address);

    public bool Overlaps(Prefix other) => Contains(other) || other.Contains(this);

    /// <summary>
    /// Strict: an address, a slash, a decimal length without leading zeros, host bits zero.
    /// Throws <see cref="FormatException"/> that quotes the input and, for host bits, says what was meant.
    /// </summary>
    public static Prefix Parse(ReadOnlySpan<char> text)
    {
        if (TryParse(text, out var prefix)) return prefix;
        throw new FormatException(InterfaceAddress.TryParse(text, out var with)
            ? $"'{text}' has host bits set; the network is {with.Network}"
            : $"'{text}' is not a network in CIDR form");
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Prefix prefix)
    {
        prefix = default;
        if (!InterfaceAddress.TryParse(text, out var parsed) || parsed.Network.Address != parsed.Address) return false;
        prefix = parsed.Network;
        return true;
    }

    public int CompareTo(Prefix other)
    {
        var byAddress = Address.CompareTo(other.Address);
        return byAddress != 0 ? byAddress : Length.CompareTo(other.Length);
    }

    public static bool operator <(Prefix left, Prefix right) => left.CompareTo(right) < 0;

    public static bool operator >(Prefix left, Prefix right) => left.CompareTo(right) > 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");

    // A shift by the full width leaves the value unchanged in .NET, so the whole family is a case of its own.
    private static UInt128 HostMask(IpFamily family, int length)
    {
        var hostBits = family.Bits - length;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }
}
