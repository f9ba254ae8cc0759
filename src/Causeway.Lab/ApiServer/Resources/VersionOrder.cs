using System.Globalization;

namespace Causeway.Lab.ApiServer.Resources;

/// <summary>
/// API versions in order of preference: stable ones, then betas, then alphas, higher numbers first; what is
/// no Kubernetes version comes last, by name.
/// </summary>
public static class VersionOrder
{
    public static IEnumerable<string> Sort(IEnumerable<string> versions) =>
        versions.OrderByDescending(Rank).ThenBy(v => v, StringComparer.Ordinal);

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        if (version.Length < 2 || version[0] != 'v') return (0, 0, 0);
        var rest = version.AsSpan(1);
        var digits = Digits(rest);
        if (digits == 0) return (0, 0, 0);
        var major = Number(rest[..digits]);
        rest = rest[digits..];
        if (rest.IsEmpty) return (3, major, 0);
        var stability = rest.StartsWith("beta") ? 2 : rest.StartsWith("alpha") ? 1 : 0;
        var minor = stability == 0 ? [] : rest[(stability == 2 ? 4 : 5)..];
        return minor.IsEmpty || Digits(minor) != minor.Length ? (0, 0, 0) : (stability, major, Number(minor));
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }

    private static int Number(ReadOnlySpan<char> digits) =>
        int.TryParse(digits, NumberStyles.None, null, out var n) ? n : int.MaxValue;
}
