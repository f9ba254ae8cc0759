namespace Causeway.Core.Wire.Netlink;

/// <summary>Generic netlink (linux/genetlink.h): families that the kernel numbers when they come, found by
/// name.</summary>
public static class GenericCodec
{
    /// <summary>Command, version and two reserved bytes.</summary>
    public const int BodyBytes = 4;

    private const ushort Controller = 16;
    private const byte ControllerVersion = 2;
    private const byte GetFamily = 3;
    private const int FamilyId = 1;
    private const int FamilyName = 2;

    /// <summary>Starts a message; complete it with <see cref="NetlinkWriter.End"/>.</summary>
    public static void Begin(NetlinkWriter writer, ushort family, byte command, byte version, NetlinkFlags flags)
    {
        writer.Begin((NetlinkType)family, flags);
        var body = writer.Reserve(BodyBytes);
        (body[0], body[1]) = (command, version);
    }

    /// <summary>Asks for a family's number; the kernel loads the family's module where it can.</summary>
    public static void WriteGetFamily(NetlinkWriter writer, string name)
    {
        Begin(writer, Controller, GetFamily, ControllerVersion, NetlinkFlags.None);
        writer.Text(FamilyName, name);
        writer.End();
    }

    /// <summary>The number that messages of the family carry as their type.</summary>
    public static ushort ReadFamily(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, BodyBytes))
            if (attribute.Type == FamilyId) return attribute.U16;
        throw new NetlinkFormatException("a family without a number");
    }
}
