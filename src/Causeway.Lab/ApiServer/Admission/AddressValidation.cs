using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>IP addresses and ranges in objects, in the API's own words.</summary>
internal static class AddressValidation
{
    private const string NoAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

    public static FieldError? Address(JsonNode? value, string text, string path) =>
        IpAddress.TryParse(text, out _) ? null : FieldError.Invalid(path, value, NoAddress);

    /// <summary>An address that can be an endpoint or be routed to a node.</summary>
    public static FieldError? Unicast(JsonNode? value, string text, string path)
    {
        if (!IpAddress.TryParse(text, out var address)) return FieldError.Invalid(path, value, NoAddress);
        return Special(address) is { } fault ? FieldError.Invalid(path, value, fault) : null;
    }

    public static FieldError? Range(JsonNode? value, string text, string path) =>
        Prefix.TryParse(text.Trim(), out _) ? null : FieldError.Invalid(path, value,
            "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");

    /// <summary>Why an address cannot be one of a host somewhere; null when it can.</summary>
    public static string? Special(IpAddress address)
    {
        if (address.IsUnspecified) return $"may not be unspecified ({address})";
        if (address.IsLoopback) return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
        if (address.IsLinkLocal) return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
        return address.IsMulticast && IsLinkLocalMulticast(address)
            ? "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)" : null;
    }

    private static bool IsLinkLocalMulticast(IpAddress address) => address.Family == IpFamily.V4
        ? address.Value >> 8 == 0xE00000
        : (ushort)(address.Value >> 112) is var head && (head & 0xFF0F) == 0xFF02;
}
