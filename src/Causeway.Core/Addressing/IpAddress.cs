using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Causeway.Core.Addressing;

/// <summary>
/// An IPv4 or IPv6 address: one type, one code path. Ordered by family, then by value.
/// <c>default</c> is 0.0.0.0. IPv4-mapped IPv6 addresses stay IPv6. Scope ids are not part of an address.
/// </summary>
public readonly record struct IpAddress : IComparable<IpAddress>, ISpanParsable<IpAddress>, ISpanFormattable
{
    private static readonly SearchValues<char> V6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private readonly UInt128 _value;

    private IpAddress(IpFamily family, UInt128 value)
    {
        Family = family;
        _value = value;
    }

    public IpFamily Family { get; }

    /// <summary>The address as a number; an IPv4 address is in 0 .. 2^32-1.</summary>
    public UInt128 Value => _value;

    public static IpAddress V4(uint value) => new(IpFamily.V4, value);

    public static IpAddress V6(UInt128 value) => new(IpFamily.V6, value);

    /// <summary>The address with this number in this family. Throws when an IPv4 value exceeds 32 bits.</summary>
    public static IpAddress FromValue(IpFamily family, UInt128 value) =>
        family == IpFamily.V4 ? V4(checked((uint)value)) : V6(value);

    /// <summary>All zeros: the unspecified address of the family.</summary>
    public static IpAddress Any(IpFamily family) => new(family, 0);

    public bool IsUnspecified => _value == 0;

    public bool IsLoopback => Family == IpFamily.V4 ? _value >> 24 == 127 : _value == 1;

    public bool IsMulticast => Family == IpFamily.V4 ? _value >> 28 == 0xE : _value >> 120 == 0xFF;

    public bool IsLinkLocal => Family == IpFamily.V4 ? _value >> 16 == 0xA9FE : _value >> 118 == 0x3FA;

    /// <summary>The prefix that holds this address alone: /32 or /128.</summary>
    public Prefix Host => Prefix.Of(this, Family.Bits);

    /// <summary>The address <paramref name="offset"/> after this one. Throws past the end of the family.</summary>
    public IpAddress Add(UInt128 offset) => FromValue(Family, checked(_value + offset));

    /// <summary>Reads 4 or 16 bytes in network order; any other length throws.</summary>
    public static IpAddress FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => V4(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        16 => V6(BinaryPrimitives.ReadUInt128BigEndian(bytes)),
        _ => throw new ArgumentException($"an address has 4 or 16 bytes, not {bytes.Length}", nameof(bytes)),
    };

    /// <summary>Writes 4 or 16 bytes in network order and returns how many.</summary>
    public int WriteBytes(Span<byte> destination)
    {
        if (Family == IpFamily.V4) BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_value);
        else BinaryPrimitives.WriteUInt128BigEndian(destination, _value);
        return Family.Bytes;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Family.Bytes];
        WriteBytes(bytes);
        return bytes;
    }

    public IPAddress ToSystem() => new(ToBytes());

    public static IpAddress FromSystem(IPAddress address) => FromBytes(address.GetAddressBytes());

    /// <summary>
    /// Strict text form: four decimal octets without leading zeros, or RFC 4291 section 2.2 without a scope.
    /// Throws <see cref="FormatException"/> that quotes the input.
    /// </summary>
    public static IpAddress Parse(ReadOnlySpan<char> text) => TryParse(text, out var address)
        ? address
        : throw new FormatException($"'{text}' is not an IP address");

    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        if (!text.Contains(':')) return TryParseV4(text, out address);
        // The framework reads RFC 4291 forms well once scopes, brackets and sloppy tails are out of its way.
        if (text.ContainsAnyExcept(V6Characters)) return false;
        var lastColon = text.LastIndexOf(':');
        if (text.Contains('.') && !TryParseV4(text[(lastColon + 1)..], out _)) return false;
        if (!IPAddress.TryParse(text, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        Span<byte> bytes = stackalloc byte[16];
        parsed.TryWriteBytes(bytes, out _);
        address = FromBytes(bytes);
        return true;
    }

    private static bool TryParseV4(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        uint value = 0;
        var octets = 0;
        foreach (var range in text.Split('.'))
        {
            var octet = text[range];
            if (++octets > 4 || octet.Length is 0 or > 3 || (octet.Length > 1 && octet[0] == '0')) return false;
            if (!byte.TryParse(octet, NumberStyles.None, CultureInfo.InvariantCulture, out var b)) return false;
            value = value << 8 | b;
        }
        if (octets != 4) return false;
        address = V4(value);
        return true;
    }

    public int CompareTo(IpAddress other) =>
        Family != other.Family ? Family.CompareTo(other.Family) : _value.CompareTo(other._value);

    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    public override string ToString() => Family == IpFamily.V4
        ? $"{(byte)(_value >> 24)}.{(byte)(_value >> 16)}.{(byte)(_value >> 8)}.{(byte)_value}"
        : ToSystem().ToString();

    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>As it stands before a port or in a URL: IPv6 in brackets (RFC 3986 section 3.2.2).</summary>
    public string ToHost() => Family == IpFamily.V6 ? $"[{this}]" : ToString();

    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        var text = ToString();
        charsWritten = text.TryCopyTo(destination) ? text.Length : 0;
        return charsWritten > 0;
    }

    static IpAddress IParsable<IpAddress>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<IpAddress>.TryParse(string? s, IFormatProvider? provider, out IpAddress result) =>
        TryParse(s, out result);

    static IpAddress ISpanParsable<IpAddress>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<IpAddress>.TryParse(
        ReadOnlySpan<char> s, IFormatProvider? provider, out IpAddress result) => TryParse(s, out result);
}
