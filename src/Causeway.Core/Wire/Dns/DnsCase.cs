using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Causeway.Core.Wire.Dns;

/// <summary>
/// Comparison of names without regard to the case of ASCII letters (RFC 4343), over whole wire forms: a label's
/// length is at most 63 and never looks like a letter.
/// </summary>
public static class DnsCase
{
    /// <summary>Copies with A-Z made a-z. The destination must be as long as the source; it may be the source.</summary>
    public static void ToLower(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        destination = destination[..source.Length];
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        nuint i = 0, length = (nuint)source.Length;
        for (; i + (nuint)Vector128<byte>.Count <= length; i += (nuint)Vector128<byte>.Count)
        {
            var bytes = Vector128.LoadUnsafe(ref from, i);
            var upper = Vector128.LessThan(bytes - Vector128.Create((byte)'A'), Vector128.Create((byte)26));
            (bytes | (upper & Vector128.Create((byte)0x20))).StoreUnsafe(ref to, i);
        }
        for (; i < length; i++) Unsafe.Add(ref to, i) = Lower(Unsafe.Add(ref from, i));
    }

    public static bool Equal(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length) return false;
        for (var i = 0; i < left.Length; i++)
            if (left[i] != right[i] && Lower(left[i]) != Lower(right[i])) return false;
        return true;
    }

    /// <summary>Orders two labels by their lower-case bytes (RFC 4034 section 6.1).</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var shorter = Math.Min(left.Length, right.Length);
        for (var i = 0; i < shorter; i++)
            if (Lower(left[i]).CompareTo(Lower(right[i])) is var order and not 0) return order;
        return left.Length.CompareTo(right.Length);
    }

    /// <summary>Equal for names that differ in case only.</summary>
    public static int Hash(ReadOnlySpan<byte> wire)
    {
        Span<byte> lower = stackalloc byte[DnsName.MaxBytes];
        ToLower(wire, lower);
        return HashOfLower(lower[..wire.Length]);
    }

    /// <summary>The same hash, of bytes that are in lower case already.</summary>
    public static int HashOfLower(ReadOnlySpan<byte> lower) => (int)XxHash3.HashToUInt64(lower);

    private static byte Lower(byte b) => (uint)(b - 'A') < 26 ? (byte)(b | 0x20) : b;
}
