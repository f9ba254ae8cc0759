using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>The OpenAPI formats that Kubernetes checks. A format it does not know accepts
/// everything.</summary>
internal static class Formats
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> Decimal = SearchValues.Create("0123456789.");

    public static bool Accepts(string format, JsonNode value) => format switch
    {
        "int32" or "int64" => !JsonShape.IsInteger(value) || FitsInteger(format, value),
        _ when !JsonShape.IsString(value) => true,
        "date-time" => IsDateTime(value.ToString()),
        "date" => DateOnly.TryParseExact(value.ToString(), "yyyy-MM-dd", out _),
        "duration" => IsDuration(value.ToString()),
        "ipv4" => IpAddress.TryParse(value.ToString(), out var a) && a.Family == IpFamily.V4,
        "ipv6" => IpAddress.TryParse(value.ToString(), out var a) && a.Family == IpFamily.V6,
        "cidr" => IsCidr(value.ToString()),
        "mac" => IsMac(value.ToString()),
        "uuid" => Guid.TryParseExact(value.ToString(), "D", out _),
        "byte" => IsBase64(value.ToString()),
        "uri" => Uri.TryCreate(value.ToString(), UriKind.Absolute, out _),
        _ => true,
    };

    public static bool FitsInteger(string format, JsonNode value) => JsonShape.Number(value) is { } number
        && (format == "int32"
            ? number is >= int.MinValue and <= int.MaxValue
            : number is >= long.MinValue and <= long.MaxValue);

    /// <summary>RFC 3339, with a zone.</summary>
    public static bool IsDateTime(string text)
    {
        if (text.Length < 20 || text[10] is not ('T' or 't')) return false;
        return text[19] is '.' or 'Z' or 'z' or '+' or '-'
            && char.IsAsciiDigit(text[^1]) | text[^1] is 'Z' or 'z'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }

    public static bool IsBase64(string text) => Base64.IsValid(text) && !text.AsSpan().ContainsAny(" \t")
        || text.Length == 0;

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/');
        return slash > 0 && IpAddress.TryParse(text.AsSpan(0, slash), out var address)
            && text[slash + 1] != '0' | text.Length == slash + 2
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length <= (address.Family == IpFamily.V4 ? 32 : 128);
    }

    private static bool IsMac(string text)
    {
        var parts = text.Split(text.Contains('-') ? '-' : ':');
        return parts.Length is 6 or 8 or 20 && parts.All(p => p.Length == 2 && !p.AsSpan().ContainsAnyExcept(Hex));
    }

    // Go's durations: 1h30m, 1.5s, 300ms.
    private static bool IsDuration(string text)
    {
        var rest = text.AsSpan();
        if (rest.Length > 0 && rest[0] is '+' or '-') rest = rest[1..];
        if (rest is "0") return true;
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            var unit = rest.IndexOfAnyExcept(Decimal);
            if (unit <= 0 || rest[..unit].IndexOfAnyInRange('0', '9') < 0 || rest[..unit].Count('.') > 1)
                return false;
            rest = rest[unit..];
            var end = rest.IndexOfAny(Decimal);
            if (end < 0) end = rest.Length;
            if (rest[..end] is not ("h" or "m" or "s" or "ms" or "us" or "µs" or "ns")) return false;
            rest = rest[end..];
        }
        return true;
    }
}
