namespace Causeway.Core.Naming.Resolving;

/// <summary>Whose rules: the two resolvers that containers have.</summary>
public enum Resolver
{
    /// <summary>Debian, Red Hat, distroless.</summary>
    Glibc,

    /// <summary>Alpine.</summary>
    Musl,
}

/// <summary>What the servers say to one candidate, A and AAAA taken together.</summary>
public enum CandidateAnswer
{
    /// <summary>At least one address.</summary>
    Found,

    /// <summary>The name exists, without an address.</summary>
    NoData,

    /// <summary>NXDOMAIN: there is no such name.</summary>
    NoName,

    /// <summary>SERVFAIL.</summary>
    Failure,

    /// <summary>No server answered, or each refused.</summary>
    None,
}

/// <summary>One complete name that a resolver asks for.</summary>
/// <param name="Name">Without a dot at its end.</param>
/// <param name="Suffix">What the search path added; null where the name was asked as it was typed.</param>
public readonly record struct Candidate(string Name, SearchDomain? Suffix)
{
    public override string ToString() => Name + ".";
}

/// <summary>
/// The names that a resolver asks for, in order, until one is answered: resolv.conf(5), as <c>getaddrinfo</c> of
/// glibc 2.36 and musl 1.2.5 do it.
/// </summary>
public static class SearchOrder
{
    /// <summary>Longest name without its last dot (RFC 1035 section 2.3.4: 255 bytes on the wire).</summary>
    public const int LongestName = 253;

    /// <summary>Empty where the name is none that can be asked for: too long, or with an empty label.</summary>
    public static IReadOnlyList<Candidate> Of(string name, ResolvConf conf, Resolver resolver = Resolver.Glibc)
    {
        var isAbsolute = name.EndsWith('.');
        var bare = isAbsolute ? name[..^1] : name;
        if (bare.Length is 0 or > LongestName || bare.Split('.').Any(l => l.Length is 0 or > 63)) return [];
        if (isAbsolute) return [new(bare, null)];
        var dots = bare.Count(c => c == '.');
        return resolver == Resolver.Musl ? Musl(bare, dots, conf) : Glibc(bare, dots, conf);
    }

    /// <summary>Whether the next candidate is asked after this answer.</summary>
    public static bool GoesOn(CandidateAnswer answer, Resolver resolver = Resolver.Glibc) => answer switch
    {
        CandidateAnswer.NoName => true,
        // To musl a name that exists is the name that was meant, and a failure may hide one.
        CandidateAnswer.NoData or CandidateAnswer.Failure => resolver == Resolver.Glibc,
        _ => false,
    };

    private static List<Candidate> Glibc(string name, int dots, ResolvConf conf)
    {
        List<Candidate> candidates = [];
        var asTyped = dots >= conf.Ndots;
        if (asTyped) candidates.Add(new(name, null));
        foreach (var domain in conf.Searches)
        {
            if (domain.IsRoot)
            {
                candidates.Add(new(name, domain));
                asTyped = true;
                continue;
            }
            var full = Join(name, domain);
            // It gives the path up at a name that is too long.
            if (full.Length > LongestName) break;
            candidates.Add(new(full, domain));
        }
        if (!asTyped && (dots > 0 || !conf.Has("no_tld_query"))) candidates.Add(new(name, null));
        return candidates;
    }

    // With dots enough the search path is not used at all.
    private static List<Candidate> Musl(string name, int dots, ResolvConf conf)
    {
        List<Candidate> candidates = [];
        if (dots < conf.Ndots)
            foreach (var domain in conf.Searches)
                if (!domain.IsRoot && Join(name, domain) is { Length: <= LongestName } full)
                    candidates.Add(new(full, domain));
        candidates.Add(new(name, null));
        return candidates;
    }

    private static string Join(string name, SearchDomain domain) =>
        $"{name}.{domain.Name.Trim('.')}";
}
