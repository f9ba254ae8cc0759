namespace Causeway.Agent.Proxy;

/// <summary>The ways to have services in the kernel, by the names that <c>--proxy</c> takes.</summary>
internal static class Backends
{
    /// <summary>No services: somebody else's proxy serves.</summary>
    public const string None = "none";

    public const string Default = "nftables";

    private static readonly SortedDictionary<string, Func<IServiceBackend>> Known = new(StringComparer.Ordinal)
    {
        ["nftables"] = () => new NftBackend(),
    };

    public static string[] Names => [.. Known.Keys, None];

    /// <summary>Null for <see cref="None"/>.</summary>
    public static IServiceBackend? Make(string name) => name == None ? null : Known[name]();

    /// <summary>Those that do not serve.</summary>
    public static IEnumerable<IServiceBackend> Others(string name) =>
        Known.Where(b => b.Key != name).Select(b => b.Value());
}
