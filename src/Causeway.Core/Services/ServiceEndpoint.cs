using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services;

/// <summary>One endpoint of a service port, as its slice tells it.</summary>
/// <param name="IsLocal">Whether it is on the planned node.</param>
/// <param name="Serving">Passes its checks, whether terminating or not.</param>
public sealed record ServiceEndpoint(
    IpAddress Address, ushort Port, bool IsLocal = false,
    bool Ready = true, bool Serving = true, bool Terminating = false)
{
    /// <summary>Where it runs; null where the slice does not say.</summary>
    public string? Node { get; init; }

    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    /// <summary>Zones whose traffic this endpoint should serve; empty without hints.</summary>
    public IReadOnlySet<string> ZoneHints { get; init; } = None;

    /// <summary>Nodes whose traffic this endpoint should serve; empty without hints.</summary>
    public IReadOnlySet<string> NodeHints { get; init; } = None;

    /// <summary>It could be the source of a connection that this node translates back to it.</summary>
    public bool CanHairpin => IsLocal || Node is null;

    /// <summary>Takes traffic when nothing is ready.</summary>
    public bool ServesWhileTerminating => !Ready && Serving && Terminating;

    public bool Equals(ServiceEndpoint? other) => other is not null
        && Address == other.Address && Port == other.Port && IsLocal == other.IsLocal
        && Ready == other.Ready && Serving == other.Serving && Terminating == other.Terminating && Node == other.Node
        && ZoneHints.SetEquals(other.ZoneHints) && NodeHints.SetEquals(other.NodeHints);

    public override int GetHashCode() => HashCode.Combine(Address, Port, IsLocal, Ready, Serving, Terminating);

    /// <summary><c>10.244.0.5:8080</c>, <c>[fd00::5]:8080</c>.</summary>
    public override string ToString() => Address.Family == IpFamily.V4
        ? string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"[{Address}]:{Port}");
}
