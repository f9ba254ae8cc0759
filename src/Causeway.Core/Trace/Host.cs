using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

public enum HostKind
{
    /// <summary>A node of the cluster.</summary>
    Node,

    /// <summary>A pod with a network namespace of its own.</summary>
    Pod,

    /// <summary>Forwards or bridges between nodes: a lab's fabric, a captured router.</summary>
    Router,

    /// <summary>A captured machine that is no part of the cluster.</summary>
    Outside,
}

/// <summary>Where a pod is plugged in.</summary>
/// <param name="Node">Its node, by host name.</param>
/// <param name="HostDevice">The node's end of the veth pair.</param>
/// <param name="Device">The pod's end.</param>
/// <param name="Addresses">What the pod was given, at most one per family.</param>
public sealed record PodAttachment(
    string Node, string HostDevice, string Device, IReadOnlyList<IpAddress> Addresses);

/// <summary>One network namespace of a <see cref="World"/>.</summary>
public sealed record Host
{
    /// <summary>A node's name, a pod's <c>namespace/name</c>, or a name for what stands outside.</summary>
    public required string Name { get; init; }

    public required HostKind Kind { get; init; }

    /// <summary>What its kernel holds, or in a planned world should hold.</summary>
    public required DataplaneState State { get; init; }

    /// <summary>What it should hold, to name what is missing and whose fault it is; empty where no plan is known.</summary>
    public DataplaneState Plan { get; init; } = DataplaneState.Empty;

    /// <summary>The state is a plan: settings it leaves open have the kernel's defaults.</summary>
    public bool Planned { get; init; }

    /// <summary>For pods alone.</summary>
    public PodAttachment? Attachment { get; init; }

    /// <summary>Which host is behind a namespace number of <see cref="Link.PeerNamespaceId"/>; what is not in here
    /// is matched by the indexes of the two ends alone.</summary>
    public IReadOnlyDictionary<int, string> Namespaces { get; init; } = new Dictionary<int, string>();

    /// <summary>The node to look at: the pod's, or the host itself.</summary>
    public string Node => Attachment?.Node ?? Name;

    /// <summary>How people call it.</summary>
    public string Title => Kind switch
    {
        HostKind.Pod => $"pod {Name}",
        HostKind.Node => $"node {Name}",
        _ => Name,
    };

    /// <summary>A number under /proc/sys; null when it was not captured.</summary>
    internal int? Setting(string path) => State.Sysctl(path) is { } text
        ? int.TryParse(text, out var value) ? value : null
        : Planned ? 0 : null;

    internal Origin? OriginOf(Entry entry) => entry.Origin ?? Plan[entry.Key]?.Origin;

    /// <summary>The device that carries an address, null when none does.</summary>
    internal LinkAddress? Owning(IpAddress address) =>
        State.All<LinkAddress>().Where(a => a.Address.Address == address)
            .OrderBy(a => a.Device, StringComparer.Ordinal).FirstOrDefault();

    internal IEnumerable<LinkAddress> AddressesOn(string device) =>
        State.All<LinkAddress>().Where(a => a.Device == device)
            .OrderBy(a => a.Scope).ThenBy(a => a.Address.Address);
}
