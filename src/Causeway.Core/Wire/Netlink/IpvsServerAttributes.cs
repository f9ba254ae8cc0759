using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Netlink;

/// <summary>IPVS_DEST_ATTR_*: what a message says of a real server.</summary>
internal static class IpvsServerAttributes
{
    private const int Address = 1;
    private const int Port = 2;
    private const int Method = 3;
    private const int Weight = 4;
    private const int UpperThreshold = 5;
    private const int LowerThreshold = 6;
    private const int ActiveConnections = 7;
    private const int InactiveConnections = 8;
    private const int PersistentConnections = 9;
    private const int AddressFamily = 11;
    private const int Statistics = 12;

    private const uint MethodMask = 7;

    /// <param name="whole">All that the kernel wants of one that it makes or changes.</param>
    public static void Write(NetlinkWriter writer, IpvsServer server, bool whole)
    {
        IpvsCodec.WriteAddress(writer, Address, server.Address);
        IpvsCodec.WritePort(writer, Port, server.Port);
        writer.U16(AddressFamily, Family.Of(server.Address.Family));
        if (!whole) return;
        writer.U32(Method, server.Method);
        writer.I32(Weight, server.Weight);
        // No thresholds: as many connections as come.
        writer.U32(UpperThreshold, 0);
        writer.U32(LowerThreshold, 0);
    }

    /// <param name="family">Where the message does not say.</param>
    public static IpvsServer Read(NetlinkAttributes attributes, IpFamily family)
    {
        ReadOnlySpan<byte> address = default;
        var server = new IpvsServer(default, 0, 0);
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case Address: address = attribute.Value; break;
                case AddressFamily: family = Family.Read((byte)attribute.U16) ?? family; break;
                case Port: server = server with { Port = attribute.U16BigEndian }; break;
                case Method: server = server with { Method = attribute.U32 & MethodMask }; break;
                case Weight: server = server with { Weight = attribute.I32 }; break;
                case ActiveConnections: server = server with { ActiveConnections = attribute.U32 }; break;
                case InactiveConnections: server = server with { InactiveConnections = attribute.U32 }; break;
                case PersistentConnections: server = server with { PersistentConnections = attribute.U32 }; break;
                case Statistics:
                    server = server with { Statistics = IpvsCodec.ReadStatistics(attribute.Nested) };
                    break;
            }
        }
        return server with { Address = IpvsCodec.ReadAddress(address, family) };
    }
}
