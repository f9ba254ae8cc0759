namespace Causeway.Core.Naming;

/// <summary>Finds the word that somebody meant who wrote another.</summary>
public static class NearWords
{
    /// <summary>More letters than these are no slip of the fingers.</summary>
    private const int MostSlips = 2;

    /// <summary>The known word that is nearest to the given one, of several the first in order; null when none is
    /// near.</summary>
    public static string? Nearest(string given, IEnumerable<string> known)
    {
        var nearest = known.Order(StringComparer.Ordinal).MinBy(word => Distance(given, word));
        // Of a short word two letters are most of it.
        return nearest is not null && Distance(given, nearest) <= Math.Min(MostSlips, given.Length / 2) ? nearest : null;
    }

    /// <summary>How many letters must change; two that changed places count once (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(changed, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        return rows[a.Length, b.Length];
    }
}
