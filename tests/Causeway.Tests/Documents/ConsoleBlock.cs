using System.Text.RegularExpressions;

namespace Causeway.Tests.Documents;

/// <summary>A command of a document, and what the document says that comes of it.</summary>
/// <param name="Output">Lines that must come, whole or as a part of a line, in any order.</param>
internal sealed record DocumentedCommand(int Line, string Text, int ExitCode, IReadOnlyList<string> Output);

/// <summary>
/// Reads the <c>```console</c> blocks of a Markdown file. A line that begins with <c>$ </c> is run (one that ends with
/// a backslash goes on); the lines below are its output. A comment <c># ends 1</c> behind the command is its exit code, else 0.
/// Of the output only names are compared: a word that holds a digit stands for any word, <c>...</c> for any words.
/// </summary>
internal static partial class ConsoleBlock
{
    public static IReadOnlyList<DocumentedCommand> Read(string markdown)
    {
        List<DocumentedCommand> commands = [];
        var inside = false;
        var number = 0;
        var lines = markdown.Split('\n');
        while (number < lines.Length)
        {
            var line = lines[number++];
            if (line.StartsWith("```", StringComparison.Ordinal)) inside = line == "```console";
            else if (inside && line.StartsWith("$ ", StringComparison.Ordinal))
            {
                var start = number;
                var text = line[2..];
                while (text.EndsWith('\\')) text = text[..^1] + lines[number++].Trim();
                var code = Ending.Match(text);
                List<string> output = [];
                while (number < lines.Length && !IsEnd(lines[number])) output.Add(lines[number++]);
                commands.Add(new(start, text, code.Success ? int.Parse(code.Groups["code"].Value) : 0,
                    [.. output.Select(l => l.Trim()).Where(l => l.Length > 0 && l != "...")]));
            }
        }
        return commands;
    }

    /// <summary>Whether a line that a document shows is among those that came.</summary>
    public static bool IsIn(string shown, string output)
    {
        var words = shown.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word =>
            word == "..." ? ".*" : word.Any(char.IsAsciiDigit) ? @"\S+" : Regex.Escape(word));
        var pattern = string.Join("[ \t]+", words).Replace("[ \t]+.*", ".*", StringComparison.Ordinal);
        return Regex.IsMatch(output, $@"(?<!\S){pattern}", RegexOptions.None, TimeSpan.FromSeconds(5));
    }

    private static bool IsEnd(string line) =>
        line.StartsWith("$ ", StringComparison.Ordinal) || line.StartsWith("```", StringComparison.Ordinal);

    [GeneratedRegex(@"# ends (?<code>\d)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ending { get; }
}
