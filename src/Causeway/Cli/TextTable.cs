using System.Text;

namespace Causeway.Cli;

/// <summary>Columns of text, each as wide as its widest cell, two blanks between.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [headings];

    /// <summary>Null is shown as a dash.</summary>
    public void Add(params string?[] cells) =>
        _rows.Add([.. headings.Select((_, i) => i < cells.Length && !string.IsNullOrEmpty(cells[i]) ? cells[i]! : "-")]);

    public void Write(TextWriter output, string indent = "")
    {
        var widths = headings.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            var line = new StringBuilder(indent);
            for (var column = 0; column < row.Length; column++)
                line.Append(row[column].PadRight(widths[column])).Append(Gap);
            output.WriteLine(line.ToString().TrimEnd());
        }
    }
}
