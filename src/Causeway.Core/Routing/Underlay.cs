using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Routing;

/// <summary>What all nodes must agree on about the tunnel, and what follows from it.</summary>
public static class Underlay
{
    /// <summary>The VXLAN network identifier of every Causeway node.</summary>
    public const uint Vni = 202;

    /// <summary>What VXLAN adds to a packet in bytes: outer IP, UDP, VXLAN and inner Ethernet headers.</summary>
    public static int VxlanOverhead(IpFamily transport) => transport == IpFamily.V4 ? 50 : 70;

    /// <summary>The family in which a node's VXLAN packets travel: IPv4 where the node has it.</summary>
    public static IpFamily Transport(NodeNetwork network) =>
        network.UnderlayOf(IpFamily.V4) is null ? IpFamily.V6 : IpFamily.V4;

    /// <summary>
    /// The MAC address of a node's VXLAN device: a function of its name, so that a device made anew
    /// is still the one that every other node knows.
    /// </summary>
    public static MacAddress TunnelMac(string node)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("vxlan/" + node), hash);
        return MacAddress.Local(BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    /// <summary>The MTU of a pod's interface, and of the VXLAN device where the pool uses it.</summary>
    public static int Mtu(Encapsulation encapsulation, NodeNetwork network) => UsesVxlan(encapsulation)
        ? network.Mtu - VxlanOverhead(Transport(network))
        : network.Mtu;

    public static bool UsesVxlan(Encapsulation encapsulation) =>
        encapsulation is Encapsulation.Vxlan or Encapsulation.VxlanCrossSubnet;
}
