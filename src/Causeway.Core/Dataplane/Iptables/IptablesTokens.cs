using System.Text;

namespace Causeway.Core.Dataplane.Iptables;

/// <summary>Splits a saved rule into words; double quotes and backslashes as the tool writes them.</summary>
internal static class IptablesTokens
{
    /// <summary>The end of the word that starts at <paramref name="start"/>.</summary>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        if (start < text.Length && text[start] == '"')
        {
            for (var i = start + 1; i < text.Length; i++)
            {
                if (text[i] == '\\') i++;
                else if (text[i] == '"') return i + 1;
            }
            return text.Length;
        }
        var space = text[start..].IndexOf(' ');
        return space < 0 ? text.Length : start + space;
    }

    public static string Unquoted(ReadOnlySpan<char> word)
    {
        if (word.Length < 2 || word[0] != '"') return word.ToString();
        word = word[1..^1];
        if (!word.Contains('\\')) return word.ToString();
        var text = new StringBuilder(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == '\\' && i + 1 < word.Length) i++;
            text.Append(word[i]);
        }
        return text.ToString();
    }

    /// <summary>The word behind an option; null without it.</summary>
    public static string? OptionOf(ReadOnlySpan<char> text, string option)
    {
        for (var i = 0; i < text.Length;)
        {
            var end = End(text, i);
            var found = text[i..end].SequenceEqual(option);
            i = end + 1;
            if (found && i < text.Length) return Unquoted(text[i..End(text, i)]);
        }
        return null;
    }
}
