using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

/// <summary>Reads one plugin's line and the options in its braces, and tells what is wrong, all of it.</summary>
internal sealed class PluginReading(ConfigDirective line, ConfigEnvironment environment, Action<ConfigProblem> complain)
{
    public ConfigDirective Line => line;

    public ConfigPosition At => line.Name.At;

    public IReadOnlyList<ConfigToken> Arguments => line.Arguments;

    public ConfigEnvironment Environment => environment;

    /// <summary>The same line with other options.</summary>
    public PluginReading With(IEnumerable<ConfigDirective> body) =>
        new(line with { Body = [.. body] }, environment, complain);

    public void Complain(ConfigToken at, string message) => complain(new(at.At, $"{line.Name}: {message}"));

    public void Complain(string message) => complain(new(At, $"{line.Name}: {message}"));

    /// <summary>No arguments and no options.</summary>
    public void Bare()
    {
        if (Arguments.Count > 0) Complain(Arguments[0], $"takes no argument, not '{Arguments[0]}'");
        Options([]);
    }

    /// <summary>Calls the reader of each option by its name; names the known ones for another.</summary>
    public void Options(Dictionary<string, Action<PluginReading>> known)
    {
        foreach (var option in line.Body)
        {
            if (known.GetValueOrDefault(option.Name.Text) is { } read)
                read(new(option, environment, problem => complain(problem with { Message = $"{line.Name}: {problem.Message}" })));
            else
                Complain(option.Name, $"'{option.Name}' is unknown here" + Known(option.Name.Text, known.Keys));
        }
    }

    /// <summary>The only argument; null, and told, unless there is one.</summary>
    public ConfigToken? One()
    {
        if (Arguments.Count == 1) return Arguments[0];
        Complain($"takes one argument, not {Arguments.Count}");
        return null;
    }

    public uint Number(uint least, uint most, uint otherwise) => One() is { } word ? Number(word, least, most, otherwise) : otherwise;

    public uint Number(ConfigToken word, uint least, uint most, uint otherwise)
    {
        if (uint.TryParse(word.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most) return number;
        Complain(word, $"'{word}' is not a number in {least}..{most}");
        return otherwise;
    }

    public TimeSpan Duration(TimeSpan otherwise) => One() is { } word ? Duration(word, otherwise) : otherwise;

    public TimeSpan Duration(ConfigToken word, TimeSpan otherwise)
    {
        if (ConfigValues.Duration(word.Text) is { } duration) return duration;
        Complain(word, $"'{word}' is not a duration such as 5s or 1m30s");
        return otherwise;
    }

    public ImmutableArray<DnsName> Zones(IEnumerable<ConfigToken> words)
    {
        var zones = ImmutableArray.CreateBuilder<DnsName>();
        foreach (var word in words)
        {
            if (ConfigValues.Zones(word.Text, out var error) is { } read) zones.AddRange(read);
            else Complain(word, error ?? "is not a zone");
        }
        return zones.ToImmutable();
    }

    public DnsName Name(ConfigToken word)
    {
        if (DnsName.TryParse(word.Text, out var name, out var error)) return name;
        Complain(word, error);
        return DnsName.Root;
    }

    public T Word<T>(ConfigToken? word, T otherwise, params ReadOnlySpan<(string Word, T Value)> known)
    {
        if (word is not { } given) return otherwise;
        foreach (var (text, value) in known)
            if (given.Text == text) return value;
        List<string> words = [];
        foreach (var (text, _) in known) words.Add(text);
        Complain(given, $"'{given}' is none of {string.Join(", ", words)}");
        return otherwise;
    }

    public Fallthrough Fallthrough() => new(true, Zones(Arguments));

    /// <summary><c>; known are a, b, c</c>, or <c>; did you mean a?</c></summary>
    public static string Known(string given, IEnumerable<string> known)
    {
        var words = known.Order(StringComparer.Ordinal).ToList();
        if (words.Count == 0) return ": there are no options";
        return NearWords.Nearest(given, words) is { } nearest
            ? $"; did you mean {nearest}?"
            : $"; known are {string.Join(", ", words)}";
    }
}

/// <summary>Whether the next plugin is asked for a name that this one should know and does not.</summary>
/// <param name="Zones">Empty: for all names.</param>
public sealed record Fallthrough(bool On, ImmutableArray<DnsName> Zones)
{
    public static readonly Fallthrough None = new(false, []);

    public bool Covers(DnsName name) => On && Zones.Cover(name);
}
