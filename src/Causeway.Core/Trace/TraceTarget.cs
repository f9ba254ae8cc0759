using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Trace;

/// <summary>What the user typed as an end of a trace: an address, or a name, each with or without a port.</summary>
/// <param name="Name">Null for an address.</param>
/// <param name="Namespace">Null where the name stands alone: a pod of the default namespace, or a node.</param>
/// <param name="Port">0 where none was named.</param>
public sealed record TraceTarget(IpAddress? Address, string? Namespace, string? Name, ushort Port)
{
    /// <summary>
    /// <c>10.0.0.1</c>, <c>10.0.0.1:80</c>, <c>fd00::1</c>, <c>[fd00::1]:80</c>, <c>pod</c>, <c>ns/pod:80</c>, <c>node</c>,
    /// <c>www.example.org.</c>.
    /// Throws <see cref="InputException"/> that quotes the input.
    /// </summary>
    public static TraceTarget Parse(string text)
    {
        if (IpAddress.TryParse(Unbracketed(text), out var bare)) return new(bare, null, null, 0);
        var colon = text.LastIndexOf(':');
        var (head, port) = colon < 0 ? (text, (ushort)0) : (text[..colon], PortOf(text, text[(colon + 1)..]));
        // Without brackets the last part of an IPv6 address would be taken for a port.
        if (IpAddress.TryParse(Unbracketed(head), out var address)) return new(address, null, null, port);
        var parts = head.Split('/');
        // A dot at the end makes a name of DNS complete.
        var bareParts = parts.Length == 1 && parts[0].EndsWith('.') ? [parts[0][..^1]] : parts;
        if (parts.Length > 2 || bareParts.Any(p => !IsName(p))
            || (parts.Length == 2 && parts[0].Contains('.')))
            throw new InputException(
                $"'{text}' is no pod (NAME or NAMESPACE/NAME), no node, no name of DNS and no IP address, with or without :PORT");
        return parts.Length == 2 ? new(null, parts[0], parts[1], port) : new(null, null, parts[0], port);
    }

    private static string Unbracketed(string text) =>
        text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text;

    private static ushort PortOf(string text, string port) =>
        ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new InputException($"'{text}': '{port}' is not a port; ports are 1 to 65535");

    // RFC 1123: names of pods and nodes may have dots, those of namespaces may not.
    private static bool IsName(string name) => name.Length is > 0 and <= 253
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
        && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]);
}
