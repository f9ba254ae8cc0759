using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Naming.Resolving;

/// <summary>resolv.conf(5) line by line: the keyword stands at the very beginning of its line.</summary>
internal sealed class ResolvConfReader(bool strict)
{
    private static readonly char[] Blanks = [' ', '\t', '\r'];

    private readonly ImmutableArray<Nameserver>.Builder _servers = ImmutableArray.CreateBuilder<Nameserver>();
    private readonly ImmutableArray<ResolverOption>.Builder _options = ImmutableArray.CreateBuilder<ResolverOption>();
    private readonly ImmutableArray<IgnoredLine>.Builder _ignored = ImmutableArray.CreateBuilder<IgnoredLine>();
    private ImmutableArray<SearchDomain> _searches = [];

    public static ResolvConf Read(string text, bool strict)
    {
        var reader = new ResolvConfReader(strict);
        var number = 0;
        foreach (var line in text.Split('\n')) reader.Take(line, ++number);
        return new(reader._servers.ToImmutable(), reader._searches, reader._options.ToImmutable(),
            reader._ignored.ToImmutable());
    }

    private void Take(string line, int number)
    {
        if (line.Length == 0 || line[0] is '#' or ';') return;
        var words = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return;
        if (Blanks.Contains(line[0]))
        {
            Pass(line, number, "a keyword stands at the beginning of its line");
            return;
        }
        switch (words[0])
        {
            case "nameserver":
                TakeServer(words, line, number);
                break;
            case "search" or "domain":
                TakeSearch(words, line, number);
                break;
            case "options":
                foreach (var word in words.Skip(1)) _options.Add(Option(word, number));
                break;
            case "sortlist":
                Pass(line, number, "sortlist orders no answers of getaddrinfo");
                break;
            default:
                Pass(line, number, $"'{words[0]}' is no keyword");
                break;
        }
    }

    private void TakeServer(string[] words, string line, int number)
    {
        if (words.Length < 2)
        {
            Pass(line, number, "no address");
            return;
        }
        if (Address(words[1], number) is not { } server)
        {
            Pass(line, number, $"'{words[1]}' is not an IP address");
            return;
        }
        if (_servers.Count == ResolvConf.MostNameservers)
        {
            Pass(line, number, $"resolvers ask {ResolvConf.MostNameservers} servers at most");
            return;
        }
        if (strict && words.Length > 2) throw Refused(line, number, "one address per line");
        _servers.Add(server);
    }

    // Each such line replaces those before it; 'domain' is a search path of one.
    private void TakeSearch(string[] words, string line, int number)
    {
        if (words.Length < 2) Pass(line, number, "no domain");
        if (strict && !_searches.IsEmpty) throw Refused(line, number, "a second search path replaces the first");
        if (strict && words[0] == "domain" && words.Length > 2) throw Refused(line, number, "one domain");
        var last = words[0] == "domain" ? Math.Min(2, words.Length) : words.Length;
        _searches = [.. words[1..last].Select(w => new SearchDomain(w, number))];
    }

    private static ResolverOption Option(string word, int number)
    {
        var colon = word.IndexOf(':');
        return colon < 0 ? new(word, null, number) : new(word[..colon], word[(colon + 1)..], number);
    }

    // glibc also takes the old short forms of IPv4 ("127.1"), octal included.
    private Nameserver? Address(string word, int number)
    {
        var percent = word.IndexOf('%');
        var (text, scope) = percent < 0 ? (word, null) : (word[..percent], word[(percent + 1)..]);
        if (IpAddress.TryParse(text, out var address))
        {
            if (scope is null) return new(address, null, number);
            return address.Family == IpFamily.V6 && scope.Length > 0 ? new(address, scope, number) : null;
        }
        return !strict && scope is null && ClassicAddress.TryParse(text, out address) ? new(address, null, number) : null;
    }

    private void Pass(string line, int number, string why)
    {
        if (strict) throw Refused(line, number, why);
        _ignored.Add(new(number, line.TrimEnd('\r'), why));
    }

    private static FormatException Refused(string line, int number, string why) =>
        new($"line {number} of resolv.conf: '{line}': {why}");
}
