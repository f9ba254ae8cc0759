using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>Ages as kubectl shows them: two units while small, one when large (<c>90s</c>, <c>5m10s</c>,
/// <c>3d4h</c>).</summary>
public static class HumanDuration
{
    public static string Of(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1) return "<invalid>";
        if (seconds < 0) return "0s";
        if (seconds < 120) return $"{seconds}s";
        var minutes = seconds / 60;
        if (minutes < 10) return Two(minutes, "m", seconds % 60, "s");
        if (minutes < 180) return $"{minutes}m";
        var hours = minutes / 60;
        if (hours < 8) return Two(hours, "h", minutes % 60, "m");
        if (hours < 48) return $"{hours}h";
        var days = hours / 24;
        if (hours < 192) return Two(days, "d", hours % 24, "h");
        if (days < 730) return $"{days}d";
        return days < 8 * 365 ? Two(days / 365, "y", days % 365, "d") : $"{days / 365}y";
    }

    /// <summary>Since a time in RFC 3339 form; <c>&lt;unknown&gt;</c> without one.</summary>
    public static string Since(string? time, DateTimeOffset now) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var then)
            ? Of(now - then) : "<unknown>";

    public static string Age(JsonObject value, DateTimeOffset now) =>
        Since(value.Text("metadata", "creationTimestamp"), now);

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large}{largeUnit}" : $"{large}{largeUnit}{small}{smallUnit}";
}
