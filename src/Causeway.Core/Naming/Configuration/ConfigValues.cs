using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

/// <summary>Words to values. Each returns null for what is none.</summary>
public static class ConfigValues
{
    private static readonly (string Unit, double Seconds)[] Units =
        [("ms", 0.001), ("us", 0.000001), ("ns", 0.000000001), ("h", 3600), ("m", 60), ("s", 1)];

    /// <summary><c>5s</c>, <c>1m30s</c>, <c>500ms</c>; a bare number is seconds.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bare))
            return TimeSpan.FromSeconds(bare);
        var rest = text.AsSpan();
        var total = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits > 0 && rest[digits] == '.') digits += 1 + Math.Max(0, rest[(digits + 1)..].IndexOfAnyExceptInRange('0', '9'));
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return null;
            rest = rest[digits..];
            var found = false;
            foreach (var (unit, seconds) in Units)
            {
                if (!rest.StartsWith(unit)) continue;
                total += number * seconds;
                rest = rest[unit.Length..];
                found = true;
                break;
            }
            if (!found || total > int.MaxValue) return null;
        }
        return text.Length > 0 ? TimeSpan.FromSeconds(total) : null;
    }

    /// <summary>A domain, or a prefix such as <c>10.96.0.0/12</c>, which stands for the zones of its addresses' names.</summary>
    public static IReadOnlyList<DnsName>? Zones(string text, out string? error)
    {
        error = null;
        if (text.Contains('/', StringComparison.Ordinal) && Prefix.TryParse(text, out var prefix)) return ReverseZones(prefix);
        return DnsName.TryParse(text, out var name, out error) ? [name.ToLower()] : null;
    }

    /// <summary>An address, with a port where one stands: <c>10.0.0.10</c>, <c>10.0.0.10:5353</c>, <c>[fd00::a]:53</c>.</summary>
    public static (IpAddress Address, ushort Port)? Endpoint(string text, ushort defaultPort)
    {
        if (IpAddress.TryParse(text.Trim('[', ']'), out var bare)) return (bare, defaultPort);
        var colon = text.LastIndexOf(':');
        return colon > 0 && IpAddress.TryParse(text[..colon].Trim('[', ']'), out var address)
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
                ? (address, port)
                : null;
    }

    private static List<DnsName> ReverseZones(Prefix prefix)
    {
        var step = prefix.Address.Family == IpFamily.V4 ? 8 : 4;
        var length = (prefix.Length + step - 1) / step * step;
        List<DnsName> zones = [];
        // At most 2^7 of them, since a label is 8 bits.
        for (var i = 0; i < 1 << (length - prefix.Length); i++)
        {
            var address = prefix.Address.Add((UInt128)i << (prefix.Address.Family.Bits - length));
            var name = ReverseName.Of(address);
            for (var drop = (prefix.Address.Family.Bits - length) / step; drop > 0; drop--) name = name.Parent;
            zones.Add(name);
        }
        return zones;
    }
}
