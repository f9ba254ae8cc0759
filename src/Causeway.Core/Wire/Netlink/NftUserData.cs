using System.Runtime.InteropServices;
using System.Text;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// What the kernel keeps with an object for the tool alone: records of a type, a length and a value, 8 bits for each of the
/// first two (libnftnl/udata.h). Numbers are in the machine's order of bytes.
/// </summary>
internal sealed class NftUserData
{
    private readonly List<byte> _bytes = [];

    public NftUserData Number(byte type, uint value) => Add(type, MemoryMarshal.AsBytes([value]));

    /// <summary>UTF-8 with a terminating zero.</summary>
    public NftUserData Text(byte type, string value) => Add(type, [.. Encoding.UTF8.GetBytes(value), 0]);

    public NftUserData Nest(byte type, NftUserData inner) => Add(type, CollectionsMarshal.AsSpan(inner._bytes));

    public void Write(NetlinkWriter writer, int attribute) => writer.Bytes(attribute, CollectionsMarshal.AsSpan(_bytes));

    private NftUserData Add(byte type, ReadOnlySpan<byte> value)
    {
        _bytes.Add(type);
        _bytes.Add(checked((byte)value.Length));
        _bytes.AddRange(value);
        return this;
    }
}
