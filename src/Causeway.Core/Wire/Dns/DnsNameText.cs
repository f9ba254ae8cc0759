using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Causeway.Core.Wire.Dns;

/// <summary>
/// The text form of names (RFC 1035 section 5.1): labels between dots, <c>\X</c> for a character without its meaning
/// and <c>\DDD</c> for a byte in decimal. A dot at the end may be left out; the root is <c>.</c> alone.
/// </summary>
internal static class DnsNameText
{
    public static bool TryParse(ReadOnlySpan<char> text, out DnsName name, [NotNullWhen(false)] out string? error)
    {
        name = default;
        error = null;
        if (text is ".") return true;
        if (text.IsEmpty) return Refuse(text, "is empty; the root is '.'", out error);
        Span<byte> wire = stackalloc byte[DnsName.MaxBytes];
        int length = 1, label = 0;
        for (var i = 0; i < text.Length;)
        {
            var escaped = text[i] == '\\';
            if (!TryByte(text, ref i, out var value)) return Refuse(text, $"has no valid byte at {i}", out error);
            if (value == '.' && !escaped)
            {
                if (length - label == 1) return Refuse(text, "has an empty label", out error);
                wire[label] = (byte)(length - label - 1);
                label = length++;
            }
            else
            {
                if (length - label > DnsName.MaxLabelBytes)
                    return Refuse(text, $"has a label of more than {DnsName.MaxLabelBytes} bytes", out error);
                wire[length++] = value;
            }
            // The root's zero byte must still fit.
            if (length + 1 > DnsName.MaxBytes && i < text.Length)
                return Refuse(text, $"has more than {DnsName.MaxBytes} bytes", out error);
        }
        // A text that ended in a dot has begun the root's label already.
        if (length - label == 1)
        {
            wire[label] = 0;
        }
        else
        {
            wire[label] = (byte)(length - label - 1);
            if (length >= DnsName.MaxBytes) return Refuse(text, $"has more than {DnsName.MaxBytes} bytes", out error);
            wire[length++] = 0;
        }
        name = DnsName.FromWire(wire[..length]);
        return true;
    }

    private static bool TryByte(ReadOnlySpan<char> text, ref int i, out byte value)
    {
        value = 0;
        if (text[i] != '\\')
        {
            if (text[i] is <= ' ' or > '~') return false;
            value = (byte)text[i++];
            return true;
        }
        if (i + 1 >= text.Length) return false;
        if (!char.IsAsciiDigit(text[i + 1]))
        {
            if (text[i + 1] is < ' ' or > '~') return false;
            value = (byte)text[i + 1];
            i += 2;
            return true;
        }
        if (i + 3 >= text.Length || !char.IsAsciiDigit(text[i + 2]) || !char.IsAsciiDigit(text[i + 3])) return false;
        var number = (text[i + 1] - '0') * 100 + (text[i + 2] - '0') * 10 + (text[i + 3] - '0');
        if (number > byte.MaxValue) return false;
        value = (byte)number;
        i += 4;
        return true;
    }

    private static bool Refuse(ReadOnlySpan<char> text, string what, out string error)
    {
        var shown = text.Length > 300 ? string.Concat(text[..300], "...") : text.ToString();
        error = $"the domain name '{shown}' {what}";
        return false;
    }

    public static string Print(ReadOnlySpan<byte> wire)
    {
        if (wire[0] == 0) return ".";
        StringBuilder text = new(wire.Length + 1);
        for (; wire[0] != 0; wire = wire[(wire[0] + 1)..])
        {
            foreach (var b in wire.Slice(1, wire[0])) PrintByte(text, b, @".\""();@$");
            text.Append('.');
        }
        return text.ToString();
    }

    /// <summary>One byte, escaped where it needs to be.</summary>
    public static void PrintByte(StringBuilder text, byte value, ReadOnlySpan<char> special)
    {
        var c = (char)value;
        if (c is < ' ' or > '~' || (c == ' ' && special.Contains('.')))
            text.Append('\\').Append((char)('0' + value / 100)).Append((char)('0' + value / 10 % 10))
                .Append((char)('0' + value % 10));
        else if (special.Contains(c)) text.Append('\\').Append(c);
        else text.Append(c);
    }
}
