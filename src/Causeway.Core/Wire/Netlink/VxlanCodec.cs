using System.Buffers.Binary;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Wire.Netlink;

/// <summary>The settings of a VXLAN device: IFLA_VXLAN_*.</summary>
internal static class VxlanCodec
{
    private const int Vni = 1;
    private const int Device = 3;
    private const int Local = 4;
    private const int Learning = 7;
    private const int Port = 15;
    private const int Local6 = 17;

    /// <param name="changeOnly">Leaves out what cannot change on a device that exists.</param>
    public static void Write(NetlinkWriter writer, VxlanSettings vxlan, DeviceNames names, bool changeOnly)
    {
        // The kernel wants the VNI in a change too, to see that it stays.
        writer.U32(Vni, vxlan.Vni);
        if (!changeOnly) BinaryPrimitives.WriteUInt16BigEndian(writer.Attribute(Port, 2), vxlan.Port);
        writer.U8(Learning, vxlan.Learning ? (byte)1 : (byte)0);
        if (vxlan.Local is { } local) writer.Address(local.Family == IpFamily.V4 ? Local : Local6, local);
        if (vxlan.Device is { } device) writer.I32(Device, names.IndexOf(device));
    }

    public static VxlanSettings Read(NetlinkAttribute data, DeviceNames names)
    {
        var vxlan = new VxlanSettings(0);
        foreach (var attribute in data.Nested)
        {
            vxlan = attribute.Type switch
            {
                Vni => vxlan with { Vni = attribute.U32 },
                Device => attribute.I32 == 0 ? vxlan : vxlan with { Device = names.NameOf(attribute.I32) },
                Local or Local6 => attribute.Address is { IsUnspecified: false } local
                    ? vxlan with { Local = local }
                    : vxlan,
                Learning => vxlan with { Learning = attribute.U8 != 0 },
                Port => vxlan with { Port = attribute.U16BigEndian },
                _ => vxlan,
            };
        }
        return vxlan;
    }
}
