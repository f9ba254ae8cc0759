using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Naming.Zones;

/// <summary>A ready endpoint.</summary>
/// <param name="Hostname">The name that its pod asked for.</param>
/// <param name="Pod">The pod's name.</param>
public readonly record struct EndpointEntry(IpAddress Address, string? Hostname, string? Pod)
{
    private const int LongestLabel = 63;

    /// <summary>The label before the service's name: the hostname; else the address with dashes for dots or
    /// colons.</summary>
    public string Label(bool podNames)
    {
        if (!string.IsNullOrEmpty(Hostname)) return Hostname;
        return podNames && Pod is { Length: > 0 and <= LongestLabel } ? Pod : AddressLabel(Address);
    }

    public static string AddressLabel(IpAddress address)
    {
        var text = address.ToString();
        return text.Replace(address.Family == IpFamily.V4 ? '.' : ':', '-');
    }

    /// <summary>Reads <c>10-0-0-1</c> or <c>2001-db8--1</c> back. False for anything else.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> label, out IpAddress address)
    {
        address = default;
        if (label.Length > LongestLabel) return false;
        Span<char> text = stackalloc char[LongestLabel];
        if (Encoding.ASCII.GetChars(label, text) != label.Length) return false;
        text = text[..label.Length];
        // Three dashes and no pair of them: four decimal numbers.
        var separator = text.Count('-') == 3 && text.IndexOf("--") < 0 ? '.' : ':';
        text.Replace('-', separator);
        return IpAddress.TryParse(text, out address);
    }
}

/// <summary>A port as an SRV record names it.</summary>
/// <param name="Name">Empty where the service has one.</param>
/// <param name="Protocol">In lower case, without the underscore.</param>
public readonly record struct NamedPort(string Name, string Protocol, ushort Port);
