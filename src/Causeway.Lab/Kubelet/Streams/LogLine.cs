using System.Globalization;
using System.Text;

namespace Causeway.Lab.Kubelet.Streams;

/// <summary>A line of a container's log file: the time, a space, what the container wrote.</summary>
public static class LogLine
{
    /// <summary>RFC 3339 with nanoseconds, of fixed length, so that lines compare by text too.</summary>
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'";

    public static readonly int StampLength = Stamp(default).Length;

    public static string Stamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The time of a line; null where there is none (a file cut short by a crash).</summary>
    public static DateTimeOffset? TimeOf(ReadOnlySpan<byte> line) => line.Length > StampLength
        && DateTimeOffset.TryParseExact(
            Encoding.ASCII.GetString(line[..StampLength]), TimeFormat, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var time)
        ? time
        : null;

    /// <summary>What the container wrote.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> line) =>
        TimeOf(line) is null ? line : line[(StampLength + 1)..];
}
