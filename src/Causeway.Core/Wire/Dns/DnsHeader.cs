using System.Buffers.Binary;

namespace Causeway.Core.Wire.Dns;

/// <summary>The first twelve bytes of a message (RFC 1035 section 4.1.1).</summary>
public readonly record struct DnsHeader(
    ushort Id, ushort Bits, ushort Questions, ushort Answers, ushort Authority, ushort Additional)
{
    public const int Bytes = 12;

    private const ushort FlagBits = 0x87B0;

    public DnsFlags Flags => (DnsFlags)(Bits & FlagBits);

    public bool IsResponse => (Bits & (ushort)DnsFlags.Response) != 0;

    public DnsOpcode Opcode => (DnsOpcode)(Bits >> 11 & 0xF);

    /// <summary>The four bits that stand in the header.</summary>
    public DnsRcode Rcode => (DnsRcode)(Bits & 0xF);

    public static ushort BitsOf(DnsFlags flags, DnsOpcode opcode, DnsRcode rcode) =>
        (ushort)((ushort)flags & FlagBits | ((byte)opcode & 0xF) << 11 | (ushort)rcode & 0xF);

    /// <summary>False when there are fewer than twelve bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out DnsHeader header)
    {
        header = default;
        if (message.Length < Bytes) return false;
        header = new(At(message, 0), At(message, 2), At(message, 4), At(message, 6), At(message, 8), At(message, 10));
        return true;
    }

    /// <summary>Writes twelve bytes.</summary>
    public void Write(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, Id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Bits);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], Questions);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], Answers);
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], Authority);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], Additional);
    }

    private static ushort At(ReadOnlySpan<byte> message, int offset) =>
        BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
}
