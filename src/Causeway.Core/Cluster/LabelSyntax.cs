namespace Causeway.Core.Cluster;

/// <summary>What the Kubernetes API allows as keys and values of labels.</summary>
public static class LabelSyntax
{
    /// <summary>Longest name part of a key, and longest value.</summary>
    public const int LongestName = 63;

    /// <summary>Longest prefix of a key: a DNS subdomain.</summary>
    public const int LongestPrefix = 253;

    public static bool IsKey(ReadOnlySpan<char> key)
    {
        var slash = key.IndexOf('/');
        if (slash >= 0 && (slash > LongestPrefix || !IsSubdomain(key[..slash]))) return false;
        var name = key[(slash + 1)..];
        return name.Length is > 0 and <= LongestName && IsName(name);
    }

    public static bool IsValue(ReadOnlySpan<char> value) =>
        value.Length == 0 || (value.Length <= LongestName && IsName(value));

    internal static void CheckKey(string key)
    {
        if (IsKey(key)) return;
        throw new FormatException(
            $"'{Cut(key)}' is not a label key: an optional DNS name and a slash, then up to {LongestName} "
            + "letters, digits, '-', '_' and '.' that begin and end with a letter or digit");
    }

    internal static void CheckValue(string value)
    {
        if (IsValue(value)) return;
        throw new FormatException(
            $"'{Cut(value)}' is not a label value: up to {LongestName} letters, digits, '-', '_' and '.' "
            + "that begin and end with a letter or digit");
    }

    /// <summary>Of a hostile text as much as a message takes.</summary>
    internal static string Cut(string text) => text.Length <= 80 ? text : text[..80] + "...";

    private static bool IsName(ReadOnlySpan<char> text)
    {
        if (!char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) return false;
        return true;
    }

    private static bool IsSubdomain(ReadOnlySpan<char> text)
    {
        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.Length == 0 || label[0] == '-' || label[^1] == '-') return false;
            foreach (var c in label)
                if (!char.IsAsciiDigit(c) && !char.IsAsciiLetterLower(c) && c != '-') return false;
        }
        return true;
    }
}
