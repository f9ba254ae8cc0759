namespace Causeway.Core.Wire.Netlink;

/// <summary>The number that one namespace has for another: NETNSA_* (linux/net_namespace.h).</summary>
public static class NamespaceIdCodec
{
    private const int BodyBytes = 4; // struct rtgenmsg, padded
    private const int Id = 1;
    private const int Descriptor = 3;

    public static void WriteGet(NetlinkWriter writer, int namespaceFd)
    {
        writer.Begin(NetlinkType.GetNamespaceId, NetlinkFlags.None);
        writer.Reserve(BodyBytes);
        writer.I32(Descriptor, namespaceFd);
        writer.End();
    }

    /// <summary>Gives the namespace a number of the kernel's choice.</summary>
    public static void WriteSet(NetlinkWriter writer, int namespaceFd)
    {
        writer.Begin(NetlinkType.NewNamespaceId, NetlinkFlags.Ack);
        writer.Reserve(BodyBytes);
        writer.I32(Descriptor, namespaceFd);
        writer.I32(Id, -1);
        writer.End();
    }

    /// <summary>Null when it has none yet.</summary>
    public static int? Read(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, BodyBytes))
            if (attribute.Type == Id) return attribute.I32 < 0 ? null : attribute.I32;
        throw new NetlinkFormatException("a namespace id message without an id");
    }
}
