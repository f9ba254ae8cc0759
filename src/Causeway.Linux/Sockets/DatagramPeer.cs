using System.Buffers.Binary;
using Causeway.Core.Addressing;
using Causeway.Linux.Native;

namespace Causeway.Linux.Sockets;

/// <summary>Where a datagram came from, and the address of ours that it came to: what an answer needs. A copy that stays
/// good when its batch goes on.</summary>
public unsafe struct DatagramPeer
{
    internal const int AddressBytes = 28; // struct sockaddr_in6
    internal const int ControlBytes = 40; // a cmsghdr with a struct in6_pktinfo, aligned
    private const int ControlHeaderBytes = 16;

    internal fixed byte SocketAddress[AddressBytes];
    internal fixed byte Control[ControlBytes];
    internal int SocketAddressLength;
    internal int ControlLength;

    /// <summary>An IPv4 address also where the socket is of both families.</summary>
    public IpAddress Address
    {
        get
        {
            fixed (byte* bytes = SocketAddress)
                return AddressOf(new ReadOnlySpan<byte>(bytes, AddressBytes));
        }
    }

    public ushort Port
    {
        get
        {
            fixed (byte* bytes = SocketAddress)
                return BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(bytes + 2, 2));
        }
    }

    internal static IpAddress AddressOf(ReadOnlySpan<byte> socketAddress) =>
        BitConverter.ToUInt16(socketAddress) == Libc.AddressFamilyV4
            ? IpAddress.FromBytes(socketAddress.Slice(4, 4))
            : Unmapped(socketAddress.Slice(8, 16));

    /// <summary>Makes the packet information of a received datagram that of its answer: the same address of ours, by
    /// whatever device the routes say. Only a link-local address is of one device.</summary>
    internal static void FreeDevice(Span<byte> control)
    {
        if (control.Length < ControlHeaderBytes) return;
        var (level, type) = (BitConverter.ToInt32(control[8..]), BitConverter.ToInt32(control[12..]));
        var info = control[ControlHeaderBytes..];
        if (level == Libc.LevelV4 && type == Libc.V4PacketInfo) info[..4].Clear();
        else if (level == Libc.LevelV6 && type == Libc.V6PacketInfo && !Unmapped(info[..16]).IsLinkLocal)
            info.Slice(16, 4).Clear();
    }

    private static IpAddress Unmapped(ReadOnlySpan<byte> bytes)
    {
        var address = IpAddress.FromBytes(bytes);
        return address.Value >> 32 == 0xFFFF ? IpAddress.V4((uint)address.Value) : address;
    }
}
