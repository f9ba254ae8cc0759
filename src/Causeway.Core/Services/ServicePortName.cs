using Causeway.Core.Addressing;

namespace Causeway.Core.Services;

/// <summary>One port of one Service. Ordered by namespace, name, port and protocol.</summary>
/// <param name="Port">The port's name; empty where the service has one port without a name.</param>
public readonly record struct ServicePortName(
    string Namespace, string Name, string Port, TransportProtocol Protocol = TransportProtocol.Tcp)
    : IComparable<ServicePortName>
{
    /// <summary><c>ns/name</c>.</summary>
    public string Service => $"{Namespace}/{Name}";

    public int CompareTo(ServicePortName other)
    {
        var order = string.CompareOrdinal(Namespace, other.Namespace);
        if (order == 0) order = string.CompareOrdinal(Name, other.Name);
        if (order == 0) order = string.CompareOrdinal(Port, other.Port);
        return order == 0 ? Protocol.CompareTo(other.Protocol) : order;
    }

    public static bool operator <(ServicePortName left, ServicePortName right) => left.CompareTo(right) < 0;

    public static bool operator >(ServicePortName left, ServicePortName right) => left.CompareTo(right) > 0;

    /// <summary><c>ns/name:port</c>, or <c>ns/name</c> where the port has no name.</summary>
    public override string ToString() => Port.Length == 0 ? $"{Namespace}/{Name}" : $"{Namespace}/{Name}:{Port}";
}

/// <summary>A port of a service in one family: what is programmed as one.</summary>
public readonly record struct ServicePortKey(ServicePortName Name, IpFamily Family) : IComparable<ServicePortKey>
{
    public int CompareTo(ServicePortKey other)
    {
        var order = Name.CompareTo(other.Name);
        return order == 0 ? Family.CompareTo(other.Family) : order;
    }

    public static bool operator <(ServicePortKey left, ServicePortKey right) => left.CompareTo(right) < 0;

    public static bool operator >(ServicePortKey left, ServicePortKey right) => left.CompareTo(right) > 0;

    public override string ToString() => $"{Name} {(Family == IpFamily.V4 ? "ipv4" : "ipv6")}";
}
