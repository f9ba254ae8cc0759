using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Lab.Capsule;

namespace Causeway.Lab.Fabric;

/// <summary>One node's place on the fabric.</summary>
/// <param name="Segment">0 or 1.</param>
/// <param name="Addresses">On its eth0, at most one per family, IPv4 first.</param>
public sealed record FabricNode(string Name, int Segment, IReadOnlyList<InterfaceAddress> Addresses);

/// <summary>
/// Who has which address on the fabric: a pure function of the lab's configuration, so that a lab that is
/// brought up again finds itself as it was.
/// </summary>
/// <remarks>
/// Segment <c>s</c> is 172.(30+s).0.0/16 and fd00:cafe:s::/64: its first address is the router's, the second the
/// API server's (on segment 0), and nodes follow from the eleventh. Beyond the router lies a host that knows the
/// segments but no pod: 192.0.2.10 (RFC 5737) and 2001:db8::a (RFC 3849).
/// </remarks>
public sealed class FabricLayout
{
    public const int Mtu = 1500;
    public const int ApiPort = 6443;
    public const string RouterNamespace = "router";
    public const string OutsideNamespace = "outside";

    private const int RouterOffset = 1;
    private const int ApiOffset = 2;
    private const int FirstNodeOffset = 11;
    private const int OutsideRouterOffset = 1;
    private const int OutsideOffset = 10;

    private static readonly Prefix OutsideV4 = Prefix.Parse("192.0.2.0/24");
    private static readonly Prefix OutsideV6 = Prefix.Parse("2001:db8::/64");

    private readonly IpFamily[] _families;

    public FabricLayout(LabConfig config)
    {
        _families = config.Family switch
        {
            LabFamily.Ipv4 => [IpFamily.V4],
            LabFamily.Ipv6 => [IpFamily.V6],
            _ => [IpFamily.V4, IpFamily.V6],
        };
        Segments = config.Topology == Topology.Routed ? 2 : 1;
        Balancers = ServiceNetwork.BalancerRanges(config);
        Nodes = [.. config.NodeNames().Select((name, index) => Place(name, index))];
    }

    public int Segments { get; }

    public IReadOnlyList<FabricNode> Nodes { get; }

    /// <summary>Addresses of load balancers: the router sends them to the nodes, to each a share of the
    /// connections.</summary>
    public IReadOnlyList<Prefix> Balancers { get; }

    /// <summary>The API server's address on the fabric that nodes use.</summary>
    public IReadOnlyList<InterfaceAddress> Api => On(0, ApiOffset);

    /// <summary>The host outside, and the router's leg towards it.</summary>
    public IReadOnlyList<InterfaceAddress> Outside => Beyond(OutsideOffset);

    public IReadOnlyList<InterfaceAddress> RouterOutside => Beyond(OutsideRouterOffset);

    /// <summary>The router's addresses on a segment: the nodes' gateways.</summary>
    public IReadOnlyList<InterfaceAddress> Router(int segment) => On(segment, RouterOffset);

    /// <summary>The segments' networks.</summary>
    public IEnumerable<Prefix> Networks() =>
        Enumerable.Range(0, Segments).SelectMany(segment => Router(segment).Select(a => a.Network));

    /// <summary>The bridge that is a segment, in the capsule's own network namespace.</summary>
    public static string Bridge(int segment) => "fabric" + segment.ToString(CultureInfo.InvariantCulture);

    // Nodes alternate, so that neighbours in number are always apart.
    private FabricNode Place(string name, int index)
    {
        var segment = index % Segments;
        return new(name, segment, On(segment, FirstNodeOffset + index));
    }

    private InterfaceAddress[] On(int segment, int offset) =>
        [.. _families.Select(family => At(Segment(family, segment), offset))];

    private InterfaceAddress[] Beyond(int offset) =>
        [.. _families.Select(family => At(family == IpFamily.V4 ? OutsideV4 : OutsideV6, offset))];

    private static InterfaceAddress At(Prefix network, int offset) =>
        new(network.Address.Add((uint)offset), network.Length);

    private static Prefix Segment(IpFamily family, int segment) => family == IpFamily.V4
        ? Prefix.Of(IpAddress.V4((172u << 24) | ((30u + (uint)segment) << 16)), 16)
        : Prefix.Of(IpAddress.Parse("fd00:cafe::").Add((UInt128)(uint)segment << 80), 64);
}
