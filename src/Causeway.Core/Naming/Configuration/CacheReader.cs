using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

internal static class CacheReader
{
    private const uint DefaultCapacity = 9984;
    private const uint LongestSuccess = 3600;
    private const uint LongestDenial = 1800;
    private const uint Shortest = 5;

    public static CacheSettings Read(PluginReading line)
    {
        var words = line.Arguments.AsEnumerable();
        var (success, denial) = (LongestSuccess, LongestDenial);
        if (line.Arguments is [var first, ..]
            && uint.TryParse(first.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var ttl))
        {
            (success, denial) = (ttl, ttl);
            words = words.Skip(1);
        }
        CacheSettings read = new(
            line.At, line.Zones(words), new(DefaultCapacity, success, Math.Min(Shortest, success)),
            new(DefaultCapacity, denial, Math.Min(Shortest, denial)), 0, TimeSpan.FromMinutes(1), 10, TimeSpan.Zero,
            false, TimeSpan.FromSeconds(5), [], [], false);
        line.Options(new()
        {
            ["success"] = option => read = read with { Success = Limits(option, read.Success) },
            ["denial"] = option => read = read with { Denial = Limits(option, read.Denial) },
            ["prefetch"] = option => read = Prefetch(option, read),
            ["serve_stale"] = option => read = Stale(option, read),
            ["servfail"] = option => read = read with { ServFail = option.Duration(read.ServFail) },
            ["disable"] = option => read = Disable(option, read),
            ["keepttl"] = _ => read = read with { KeepTtl = true },
        });
        return read;
    }

    private static CacheLimits Limits(PluginReading option, CacheLimits otherwise)
    {
        var words = option.Arguments;
        if (words.Count is 0 or > 3)
        {
            option.Complain("takes a capacity, and the longest and the shortest TTL");
            return otherwise;
        }
        var longest = words.Count > 1 ? option.Number(words[1], 0, int.MaxValue, otherwise.LongestTtl) : otherwise.LongestTtl;
        return new(
            Math.Max(1, option.Number(words[0], 0, int.MaxValue, otherwise.Capacity)), longest,
            words.Count > 2 ? option.Number(words[2], 0, longest, otherwise.ShortestTtl) : Math.Min(otherwise.ShortestTtl, longest));
    }

    private static CacheSettings Prefetch(PluginReading option, CacheSettings read)
    {
        var words = option.Arguments;
        if (words.Count is 0 or > 3)
        {
            option.Complain("takes a number, and a duration and a percentage");
            return read;
        }
        read = read with { Prefetch = option.Number(words[0], 0, int.MaxValue, 0) };
        if (words.Count > 1) read = read with { PrefetchWithin = option.Duration(words[1], read.PrefetchWithin) };
        if (words.Count < 3) return read;
        var percent = words[2] with { Text = words[2].Text.TrimEnd('%') };
        return read with { PrefetchPercent = option.Number(percent, 10, 90, read.PrefetchPercent) };
    }

    private static CacheSettings Stale(PluginReading option, CacheSettings read)
    {
        read = read with { ServeStale = TimeSpan.FromHours(1) };
        if (option.Arguments.Count > 0) read = read with { ServeStale = option.Duration(option.Arguments[0], read.ServeStale) };
        return option.Arguments.Count < 2
            ? read
            : read with
            {
                ServeStaleVerify = option.Word(option.Arguments[1], false, ("immediate", false), ("verify", true)),
            };
    }

    private static CacheSettings Disable(PluginReading option, CacheSettings read)
    {
        var zones = option.Zones(option.Arguments.Skip(1));
        if (zones.IsEmpty) zones = [DnsName.Root];
        return option.Word(option.Arguments.Count > 0 ? option.Arguments[0] : null, 0, ("success", 1), ("denial", 2)) switch
        {
            1 => read with { NoSuccess = zones },
            2 => read with { NoDenial = zones },
            _ => read,
        };
    }
}
