using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Documents;

/// <summary>What the documents show is what happens. Those in docs/ speak of the lab of <c>causeway lab demo</c>.</summary>
[Collection("lab")]
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents() =>
        [.. Directory.GetFiles(Path.Combine(Root(), "docs"), "*.md").Select(f => "docs/" + Path.GetFileName(f)).Append("README.md").Order()];

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_command_does_what_the_document_shows(string document)
    {
        var commands = ConsoleBlock.Read(await File.ReadAllTextAsync(Path.Combine(Root(), document)));
        Assert.SkipWhen(commands.Count == 0, $"{document} has no console block");
        await using var lab = LabHarness.AsRoot();
        if (document.StartsWith("docs/", StringComparison.Ordinal)) await lab.Good("lab", "demo");
        var folder = Directory.CreateDirectory(Path.Combine(lab.Directory, "clone")).FullName;
        var result = await lab.Shell(Script(commands), folder);
        var answers = Answer.Matches(result.Output);
        List<string> offences = [];
        foreach (var (command, answer) in commands.Zip(answers)) Compare(document, command, answer, offences);
        if (answers.Count < commands.Count) offences.Add($"ended after {answers.Count} commands: {result.Output}{result.Error}");
        Assert.True(offences.Count == 0, string.Join('\n', offences));
    }

    [Fact]
    public void Names_are_compared_and_numbers_are_not()
    {
        var command = Assert.Single(ConsoleBlock.Read("```console\n$ a b \\\n   c # ends 1\nNAME  n1 10.0.0.1 ... up\n...\n```\n$ d\n"));
        Assert.Equal(("a b c # ends 1", 1, 2), (command.Text, command.ExitCode, command.Line));
        var shown = Assert.Single(command.Output);
        Assert.True(ConsoleBlock.IsIn(shown, "x\nNAME n2   10.9.9.9 is now up\n"));
        Assert.False(ConsoleBlock.IsIn(shown, "NAME n2\n10.9.9.9 is now up"));
        Assert.False(ConsoleBlock.IsIn(shown, "OTHER n2 10.9.9.9 is now up"));
    }

    private static void Compare(string document, DocumentedCommand command, Match answer, List<string> offences)
    {
        var (output, code) = (answer.Groups["output"].Value, int.Parse(answer.Groups["code"].Value));
        var where = $"{document}:{command.Line}: {command.Text}";
        if (code != command.ExitCode) offences.Add($"{where}: ended with {code}:\n{output}");
        foreach (var shown in command.Output.Where(line => !ConsoleBlock.IsIn(line, output)))
            offences.Add($"{where}: no line like '{shown}' in:\n{output}");
    }

    private static string Script(IReadOnlyList<DocumentedCommand> commands)
    {
        var script = new StringBuilder("exec 2>&1 </dev/null\n");
        foreach (var command in commands)
            script.Append("printf '\\001'\n").Append(command.Text).Append("\nprintf '\\002%d\\003' $?\n");
        return script.ToString();
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex("\u0001(?<output>[^\u0002]*)\u0002(?<code>[0-9]+)\u0003", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Answer { get; }
}
