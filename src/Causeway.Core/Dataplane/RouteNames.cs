using System.Globalization;

namespace Causeway.Core.Dataplane;

/// <summary>The names that iproute2 has for numbers (/etc/iproute2/rt_protos, rt_tables,
/// rt_scopes).</summary>
internal static class RouteNames
{
    private static readonly Dictionary<byte, string> Protocols = new()
    {
        [0] = "unspec", [1] = "redirect", [2] = "kernel", [3] = "boot", [4] = "static", [8] = "gated", [9] = "ra",
        [10] = "mrt", [11] = "zebra", [12] = "bird", [13] = "dnrouted", [14] = "xorp", [15] = "ntk", [16] = "dhcp",
        [17] = "mrouted", [18] = "keepalived", [42] = "babel", [186] = "bgp", [187] = "isis", [188] = "ospf",
        [189] = "rip", [192] = "eigrp",
    };

    private static readonly Dictionary<string, byte> ProtocolNumbers =
        Protocols.ToDictionary(p => p.Value, p => p.Key);

    public static string Protocol(byte number) =>
        Protocols.TryGetValue(number, out var name) ? name : number.ToString(CultureInfo.InvariantCulture);

    public static byte Protocol(string name) => ProtocolNumbers.TryGetValue(name, out var number)
        ? number
        : byte.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture);

    public static uint Table(string name) => name switch
    {
        "main" => Route.MainTable,
        "local" => Route.LocalTable,
        "default" => 253,
        "unspec" => 0,
        _ => uint.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture),
    };

    public static Scope Scope(string name) => name switch
    {
        "global" => Dataplane.Scope.Global,
        "site" => Dataplane.Scope.Site,
        "link" => Dataplane.Scope.Link,
        "host" => Dataplane.Scope.Host,
        "nowhere" => Dataplane.Scope.Nowhere,
        _ => (Scope)byte.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture),
    };

    /// <summary>A word of ours for an enumeration of the same names, such as <c>blackhole</c>.</summary>
    public static T Word<T>(string word) where T : struct, Enum =>
        Enum.TryParse<T>(word, ignoreCase: true, out var value) && !char.IsAsciiDigit(word[0])
            ? value
            : throw new FormatException($"'{word}' is not a known {typeof(T).Name}");
}
