using System.Buffers;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>Quantities of the Kubernetes API: a decimal number with a binary, decimal or exponent
/// suffix.</summary>
internal static class Quantity
{
    private static readonly string[] Suffixes =
        ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    private static readonly SearchValues<char> Decimal = SearchValues.Create("0123456789.");

    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length > 0 && text[0] is '+' or '-') text = text[1..];
        var end = text.IndexOfAnyExcept(Decimal);
        var number = end < 0 ? text : text[..end];
        if (number.IndexOfAnyInRange('0', '9') < 0 || number.Count('.') > 1) return false;
        var suffix = end < 0 ? "" : text[end..];
        foreach (var known in Suffixes)
            if (suffix.SequenceEqual(known)) return true;
        return IsExponent(suffix);
    }

    private static bool IsExponent(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] is not ('e' or 'E')) return false;
        text = text[1..];
        if (text[0] is '+' or '-') text = text[1..];
        return text.Length > 0 && text.IndexOfAnyExceptInRange('0', '9') < 0;
    }
}
