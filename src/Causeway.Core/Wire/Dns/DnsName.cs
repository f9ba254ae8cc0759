using System.Diagnostics.CodeAnalysis;

namespace Causeway.Core.Wire.Dns;

/// <summary>
/// A fully qualified domain name, held in wire form (RFC 1035 section 3.1) with the case it came in. Equality and
/// order do not regard case; the order is the canonical one, by labels from the right (RFC 4034 section 6.1).
/// <c>default</c> is the root.
/// </summary>
public readonly struct DnsName : IEquatable<DnsName>, IComparable<DnsName>
{
    /// <summary>Of a whole name in wire form, the root's zero byte included.</summary>
    public const int MaxBytes = 255;

    public const int MaxLabelBytes = 63;

    private readonly byte[]? _wire;

    private DnsName(byte[] wire) => _wire = wire;

    public static DnsName Root => default;

    /// <summary>Lengths and labels, with the zero byte at the end.</summary>
    public ReadOnlySpan<byte> Wire => _wire ?? "\0"u8;

    public bool IsRoot => Wire.Length == 1;

    /// <summary>Without the root's.</summary>
    public int LabelCount
    {
        get
        {
            var count = 0;
            for (var wire = Wire; wire[0] != 0; wire = wire[(wire[0] + 1)..]) count++;
            return count;
        }
    }

    /// <summary>The leftmost label's bytes; empty for the root.</summary>
    public ReadOnlySpan<byte> FirstLabel => Wire.Slice(1, Wire[0]);

    /// <summary>Without the leftmost label; the root's parent is the root.</summary>
    public DnsName Parent => IsRoot ? Root : new(Wire[(Wire[0] + 1)..].ToArray());

    /// <summary>Takes an uncompressed wire form, whose labels the caller has checked (a reader, another name).</summary>
    internal static DnsName FromWire(ReadOnlySpan<byte> wire) => new(wire.ToArray());

    /// <summary>Reads an uncompressed wire form; false unless all of it is exactly one name.</summary>
    public static bool TryFromWire(ReadOnlySpan<byte> wire, out DnsName name)
    {
        DnsReader reader = new(wire);
        return reader.TryName(out name) && reader.Position == wire.Length && name.Wire.Length == wire.Length;
    }

    /// <summary>The name of the text form: see <see cref="DnsNameText"/>. Throws <see cref="FormatException"/> that
    /// quotes the input.</summary>
    public static DnsName Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var name, out var error) ? name : throw new FormatException(error);

    public static bool TryParse(ReadOnlySpan<char> text, out DnsName name, [NotNullWhen(false)] out string? error) =>
        DnsNameText.TryParse(text, out name, out error);

    /// <summary>This name below another: <c>www</c> + <c>example.org.</c>. False when it exceeds 255 bytes.</summary>
    public bool TryAppend(DnsName suffix, out DnsName joined)
    {
        var length = Wire.Length - 1 + suffix.Wire.Length;
        joined = default;
        if (length > MaxBytes) return false;
        joined = new([.. Wire[..^1], .. suffix.Wire]);
        return true;
    }

    /// <summary>With one more label on the left. False when the label is empty or either grows too long.</summary>
    public bool TryPrepend(ReadOnlySpan<byte> label, out DnsName name)
    {
        name = default;
        if (label.Length is 0 or > MaxLabelBytes || Wire.Length + 1 + label.Length > MaxBytes) return false;
        name = new([(byte)label.Length, .. label, .. Wire]);
        return true;
    }

    /// <summary>Whether this is the ancestor or below it.</summary>
    public bool IsWithin(DnsName ancestor)
    {
        var wire = Wire;
        var tail = ancestor.Wire;
        while (wire.Length > tail.Length) wire = wire[(wire[0] + 1)..];
        return DnsCase.Equal(wire, tail);
    }

    /// <summary>The labels that stand before the ancestor's, as a name of their own; false when this is not within
    /// it.</summary>
    public bool TryRelativeTo(DnsName ancestor, out DnsName relative)
    {
        relative = default;
        if (!IsWithin(ancestor)) return false;
        relative = new([.. Wire[..^ancestor.Wire.Length], 0]);
        return true;
    }

    public DnsName ToLower()
    {
        var lower = new byte[Wire.Length];
        DnsCase.ToLower(Wire, lower);
        return new(lower);
    }

    public bool Equals(DnsName other) => DnsCase.Equal(Wire, other.Wire);

    public override bool Equals(object? obj) => obj is DnsName other && Equals(other);

    public override int GetHashCode() => DnsCase.Hash(Wire);

    public int CompareTo(DnsName other)
    {
        Span<byte> here = stackalloc byte[MaxBytes / 2 + 1];
        Span<byte> there = stackalloc byte[MaxBytes / 2 + 1];
        var (left, right) = (Starts(Wire, here), Starts(other.Wire, there));
        while (left > 0 && right > 0)
        {
            var order = DnsCase.Compare(LabelAt(Wire, here[--left]), LabelAt(other.Wire, there[--right]));
            if (order != 0) return order;
        }
        return left.CompareTo(right);
    }

    /// <summary>With a dot at the end; see <see cref="DnsNameText"/>.</summary>
    public override string ToString() => DnsNameText.Print(Wire);

    public static bool operator ==(DnsName left, DnsName right) => left.Equals(right);

    public static bool operator !=(DnsName left, DnsName right) => !left.Equals(right);

    public static bool operator <(DnsName left, DnsName right) => left.CompareTo(right) < 0;

    public static bool operator >(DnsName left, DnsName right) => left.CompareTo(right) > 0;

    private static int Starts(ReadOnlySpan<byte> wire, Span<byte> starts)
    {
        var count = 0;
        for (var at = 0; wire[at] != 0; at += wire[at] + 1) starts[count++] = (byte)at;
        return count;
    }

    private static ReadOnlySpan<byte> LabelAt(ReadOnlySpan<byte> wire, int at) => wire.Slice(at + 1, wire[at]);
}
