using System.Runtime.InteropServices;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>IPVS_SVC_ATTR_*: what a message says of a virtual server.</summary>
internal static class IpvsServiceAttributes
{
    private const int AddressFamily = 1;
    private const int Protocol = 2;
    private const int Address = 3;
    private const int Port = 4;
    private const int Mark = 5;
    private const int Scheduler = 6;
    private const int Flags = 7;
    private const int Timeout = 8;
    private const int Netmask = 9;
    private const int Statistics = 12;

    public static void WriteKey(NetlinkWriter writer, IpvsKey key)
    {
        writer.U16(AddressFamily, Family.Of(key.Address.Family));
        writer.U16(Protocol, key.Protocol.Number(key.Address.Family));
        IpvsCodec.WriteAddress(writer, Address, key.Address);
        IpvsCodec.WritePort(writer, Port, key.Port);
    }

    public static void WriteOptions(NetlinkWriter writer, IpvsKey key, IpvsOptions options)
    {
        writer.Text(Scheduler, options.Scheduler);
        // The flags and the mask of those that count.
        var flags = writer.Attribute(Flags, 2 * sizeof(uint));
        var (value, mask) = ((uint)options.Flags, uint.MaxValue);
        MemoryMarshal.Write(flags, in value);
        MemoryMarshal.Write(flags[sizeof(uint)..], in mask);
        writer.U32(Timeout, options.Timeout);
        // Persistence is for single clients: a mask of 32 bits, or a length of 128.
        writer.U32(Netmask, key.Address.Family == IpFamily.V4 ? uint.MaxValue : 128);
    }

    public static IpvsService? Read(NetlinkAttributes attributes)
    {
        ReadOnlySpan<byte> address = default;
        var (family, protocol, port, scheduler) = ((byte)0, (ushort)0, (ushort)0, "");
        var (flags, timeout) = (IpvsFlags.None, 0u);
        IpvsStatistics statistics = default;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case AddressFamily: family = (byte)attribute.U16; break;
                case Protocol: protocol = attribute.U16; break;
                case Address: address = attribute.Value; break;
                case Port: port = attribute.U16BigEndian; break;
                case Mark: return null;
                case Scheduler: scheduler = attribute.Text; break;
                case Flags: flags = ReadFlags(attribute.Value); break;
                case Timeout: timeout = attribute.U32; break;
                case Statistics: statistics = IpvsCodec.ReadStatistics(attribute.Nested); break;
            }
        }
        if (Family.Read(family) is not { } known || Transport(protocol) is not { } transport) return null;
        // The kernel keeps a timeout that no persistence uses.
        if (!flags.HasFlag(IpvsFlags.Persistent)) timeout = 0;
        var key = new IpvsKey(transport, IpvsCodec.ReadAddress(address, known), port);
        return new(key, new(scheduler, flags & ~IpvsFlags.Hashed, timeout)) { Statistics = statistics };
    }

    private static IpvsFlags ReadFlags(ReadOnlySpan<byte> value) => value.Length >= sizeof(uint)
        ? (IpvsFlags)MemoryMarshal.Read<uint>(value)
        : throw new NetlinkFormatException($"flags of {value.Length} bytes");

    private static TransportProtocol? Transport(ushort number) => number switch
    {
        6 => TransportProtocol.Tcp,
        17 => TransportProtocol.Udp,
        132 => TransportProtocol.Sctp,
        _ => null,
    };
}
