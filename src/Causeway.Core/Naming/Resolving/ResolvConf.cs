using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Naming.Resolving;

/// <summary>A server to ask.</summary>
/// <param name="Scope">The interface after <c>%</c> of a link-local address; null where there is none.</param>
/// <param name="Line">Where it stood, counted from 1; 0 where it was not read.</param>
public readonly record struct Nameserver(IpAddress Address, string? Scope = null, int Line = 0)
{
    public override string ToString() => Scope is null ? Address.ToString() : $"{Address}%{Scope}";
}

/// <summary>A domain that names are completed with.</summary>
/// <param name="Name">As it was written.</param>
public readonly record struct SearchDomain(string Name, int Line = 0)
{
    /// <summary>Stands for the root: the name is asked as it is.</summary>
    public bool IsRoot => Name is "" or ".";

    public override string ToString() => Name;
}

/// <summary>A word of the <c>options</c> lines.</summary>
/// <param name="Value">What follows the colon; null where there is none.</param>
public readonly record struct ResolverOption(string Name, string? Value = null, int Line = 0)
{
    public override string ToString() => Value is null ? Name : $"{Name}:{Value}";
}

/// <summary>What a resolver passes over, and why.</summary>
public readonly record struct IgnoredLine(int Line, string Text, string Why);

/// <summary>The content of a resolv.conf(5), in the order in which a resolver uses it.</summary>
/// <param name="Ignored">What had no effect; empty where the text was read strictly.</param>
public sealed record ResolvConf(
    ImmutableArray<Nameserver> Nameservers, ImmutableArray<SearchDomain> Searches,
    ImmutableArray<ResolverOption> Options, ImmutableArray<IgnoredLine> Ignored)
{
    /// <summary>glibc and musl ask no more servers than these.</summary>
    public const int MostNameservers = 3;

    public const int MostDots = 15;

    public static ResolvConf Empty { get; } = new([], [], [], []);

    /// <summary>A name with so many dots is first asked as it is. Default 1, at most 15.</summary>
    public int Ndots => Number("ndots", 1, MostDots);

    /// <summary>Seconds to wait for one server's answer, in the first round. Default 5, at most 30 (glibc).</summary>
    public int Timeout => Number("timeout", 5, 30);

    /// <summary>How often the list of servers is gone through. Default 2, at most 5 (glibc).</summary>
    public int Attempts => Number("attempts", 2, 5);

    /// <summary>Each query begins with another server.</summary>
    public bool Rotates => Has("rotate");

    /// <summary>Asks over TCP alone.</summary>
    public bool UsesTcp => Has("use-vc");

    public bool Has(string option) => Options.Any(o => o.Name == option);

    /// <summary>The line of the setting that counts for this option; 0 where it is the default.</summary>
    public int LineOf(string option) => Options.LastOrDefault(o => o.Name == option).Line;

    private int Number(string option, int otherwise, int most)
    {
        var text = Options.LastOrDefault(o => o.Name == option).Value;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Min(number, most)
            : text is { Length: > 0 } && text.All(char.IsAsciiDigit) ? most : otherwise;
    }

    /// <summary>Reads a file that somebody else wrote, as glibc does: what it does not know has no effect and is
    /// told in <see cref="Ignored"/>. Never throws.</summary>
    public static ResolvConf Read(string text) => ResolvConfReader.Read(text, strict: false);

    /// <summary>Reads a file that we wrote. Throws <see cref="FormatException"/> with the line's number for what a
    /// resolver would pass over.</summary>
    public static ResolvConf Parse(string text) => ResolvConfReader.Read(text, strict: true);

    /// <summary>The file's text as a kubelet writes it: one search line, one line per server, one of options.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Searches.Length > 0) text.Append("search ").AppendJoin(' ', Searches).Append('\n');
        foreach (var server in Nameservers) text.Append("nameserver ").Append(server).Append('\n');
        if (Options.Length > 0) text.Append("options ").AppendJoin(' ', Options).Append('\n');
        return text.ToString();
    }

    public bool Equals(ResolvConf? other) => other is not null
        && Nameservers.SequenceEqual(other.Nameservers) && Searches.SequenceEqual(other.Searches)
        && Options.SequenceEqual(other.Options) && Ignored.SequenceEqual(other.Ignored);

    public override int GetHashCode() => HashCode.Combine(Nameservers.Length, Searches.Length, ToString());
}
