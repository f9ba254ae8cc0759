using System.Globalization;

namespace Causeway.Core.Naming.Configuration;

/// <summary>Where something stands: from 1.</summary>
public readonly record struct ConfigPosition(string File, int Line, int Column)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}

/// <summary>A word of a configuration.</summary>
public readonly record struct ConfigToken(string Text, ConfigPosition At)
{
    public override string ToString() => Text;
}

/// <summary>What is wrong with a configuration, and where.</summary>
public sealed record ConfigProblem(ConfigPosition At, string Message)
{
    public override string ToString() => $"{At}: {Message}";
}

/// <summary>A line: a name, what follows it, and the lines in its braces.</summary>
public sealed record ConfigDirective(
    ConfigToken Name, IReadOnlyList<ConfigToken> Arguments, IReadOnlyList<ConfigDirective> Body);

/// <summary>A server: the names that it answers for, and its lines.</summary>
public sealed record ConfigBlock(IReadOnlyList<ConfigToken> Keys, IReadOnlyList<ConfigDirective> Directives);

/// <summary>What a configuration may refer to outside of itself.</summary>
/// <param name="Variable">An environment variable; null when there is none.</param>
/// <param name="File">A file's text; null when it cannot be read.</param>
public sealed record ConfigEnvironment(Func<string, string?> Variable, Func<string, string?> File)
{
    public static readonly ConfigEnvironment Empty = new(_ => null, _ => null);
}
