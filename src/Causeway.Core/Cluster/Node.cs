using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Cluster;

public sealed record Node : KubeObject
{
    public NodeStatus? Status { get; init; }

    /// <summary>The node's addresses of type InternalIP, in the API's order. Unreadable ones are left out.</summary>
    public IEnumerable<IpAddress> InternalAddresses()
    {
        foreach (var entry in Status?.Addresses ?? [])
            if (entry.Type == "InternalIP" && IpAddress.TryParse(entry.Address, out var address))
                yield return address;
    }
}

public sealed record NodeStatus(IReadOnlyList<NodeAddress>? Addresses = null);

public sealed record NodeAddress(string Type, string Address);

/// <summary>
/// What a node's agent publishes about its place in the network, as annotations of its Node object, so that
/// every plan is a function of the API alone. Absent until the agent first ran there.
/// </summary>
/// <param name="Device">The underlay device.</param>
/// <param name="Mtu">The underlay device's MTU in bytes.</param>
/// <param name="Underlay">The node's addresses on that device, at most one per family, with their networks.</param>
/// <param name="Tunnel">The VXLAN device's addresses, at most one per family; empty where no pool encapsulates.</param>
public sealed record NodeNetwork(
    string Device, int Mtu, IReadOnlyList<InterfaceAddress> Underlay, IReadOnlyList<IpAddress> Tunnel)
{
    public const string DeviceAnnotation = ApiResources.Group + "/device";
    public const string MtuAnnotation = ApiResources.Group + "/mtu";
    public const string UnderlayAnnotation = ApiResources.Group + "/underlay";
    public const string TunnelAnnotation = ApiResources.Group + "/tunnel";

    public InterfaceAddress? UnderlayOf(IpFamily family) =>
        Underlay.Where(a => a.Address.Family == family).Cast<InterfaceAddress?>().FirstOrDefault();

    public IpAddress? TunnelOf(IpFamily family) =>
        Tunnel.Where(a => a.Family == family).Cast<IpAddress?>().FirstOrDefault();

    /// <summary>Null when the annotations are absent or unreadable: the node takes no part yet.</summary>
    public static NodeNetwork? Of(Node node)
    {
        var device = node.Metadata.Annotation(DeviceAnnotation);
        if (string.IsNullOrEmpty(device)) return null;
        if (!int.TryParse(node.Metadata.Annotation(MtuAnnotation), NumberStyles.None, null, out var mtu)) return null;
        List<InterfaceAddress> underlay = [];
        foreach (var text in Split(node, UnderlayAnnotation))
        {
            if (!InterfaceAddress.TryParse(text, out var address)) return null;
            underlay.Add(address);
        }
        List<IpAddress> tunnel = [];
        foreach (var text in Split(node, TunnelAnnotation))
        {
            if (!IpAddress.TryParse(text, out var address)) return null;
            tunnel.Add(address);
        }
        return underlay.Count == 0 ? null : new(device, mtu, underlay, tunnel);
    }

    /// <summary>The annotations that say this; the inverse of <see cref="Of"/>.</summary>
    public IReadOnlyDictionary<string, string> ToAnnotations() => new Dictionary<string, string>
    {
        [DeviceAnnotation] = Device,
        [MtuAnnotation] = Mtu.ToString(CultureInfo.InvariantCulture),
        [UnderlayAnnotation] = string.Join(',', Underlay),
        [TunnelAnnotation] = string.Join(',', Tunnel),
    };

    private static string[] Split(Node node, string annotation) =>
        (node.Metadata.Annotation(annotation) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
}
