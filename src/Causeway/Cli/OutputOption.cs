using System.CommandLine;

namespace Causeway.Cli;

/// <summary>The option <c>-o text|json</c> that every verb with a result has.</summary>
internal static class OutputOption
{
    public const string Text = "text";
    public const string Json = "json";

    public static Option<string> Create(params string[] more)
    {
        string[] words = [Text, Json, .. more];
        var option = new Option<string>("--output", "-o")
        {
            Description = "The form of the result (default text).",
            HelpName = string.Join('|', words),
            DefaultValueFactory = _ => Text,
        };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
