using Causeway.Core.Services.Ipvs;

namespace Causeway.Agent.Proxy;

/// <summary>The ways to have services in the kernel, by the names that <c>--proxy</c> takes.</summary>
internal static class Backends
{
    /// <summary>No services: somebody else's proxy serves.</summary>
    public const string None = "none";

    public const string Default = "nftables";

    private static readonly SortedDictionary<string, Func<IpvsSettings, AgentLog, IServiceBackend>> Known =
        new(StringComparer.Ordinal)
        {
            ["iptables"] = (_, log) => new IptablesBackend(log.ServicesNote),
            ["ipvs"] = (settings, _) => new IpvsBackend(settings),
            ["nftables"] = (_, _) => new NftBackend(),
        };

    public static string[] Names => [.. Known.Keys, None];

    /// <summary>Null for <see cref="None"/>.</summary>
    /// <param name="ipvs">For the backend of that name.</param>
    public static IServiceBackend? Make(string name, IpvsSettings ipvs, AgentLog log) =>
        name == None ? null : Known[name](ipvs, log);

    /// <summary>Those that do not serve.</summary>
    public static IEnumerable<IServiceBackend> Others(string name, AgentLog log) =>
        Known.Where(b => b.Key != name).Select(b => b.Value(new(), log));
}
