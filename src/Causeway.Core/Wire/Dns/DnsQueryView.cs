using System.Buffers.Binary;

namespace Causeway.Core.Wire.Dns;

/// <summary>
/// A plain query where it lies: opcode QUERY, one question whose name is not compressed, and nothing after it but
/// at most an OPT record. No allocation. Whatever is not plain goes the long way, over
/// <see cref="DnsMessageReader"/>.
/// </summary>
public readonly ref struct DnsQueryView
{
    public ushort Id { get; private init; }

    public DnsFlags Flags { get; private init; }

    /// <summary>In wire form, in the case that the client wrote.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    public DnsType Type { get; private init; }

    public DnsClass Class { get; private init; }

    public bool HasEdns { get; private init; }

    public byte EdnsVersion { get; private init; }

    public bool DnssecOk { get; private init; }

    /// <summary>The largest answer that the client takes over UDP: what it says, at least 512; without EDNS 512.</summary>
    public int UdpSize { get; private init; }

    /// <summary>Name, type and class as they stand in the query.</summary>
    public int QuestionBytes => Name.Length + 4;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out DnsQueryView query)
    {
        query = default;
        if (!DnsHeader.TryRead(bytes, out var header) || header.IsResponse || header.Opcode != DnsOpcode.Query
            || header is not { Questions: 1, Answers: 0, Authority: 0, Additional: 0 or 1 }) return false;
        var rest = bytes[DnsHeader.Bytes..];
        var length = 0;
        while (length < rest.Length && rest[length] is not 0 and <= DnsName.MaxLabelBytes) length += rest[length] + 1;
        if (length >= rest.Length || rest[length] != 0 || ++length > DnsName.MaxBytes) return false;
        if (rest.Length < length + 4) return false;
        query = new()
        {
            Id = header.Id,
            Flags = header.Flags,
            Name = rest[..length],
            Type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(rest[length..]),
            Class = (DnsClass)BinaryPrimitives.ReadUInt16BigEndian(rest[(length + 2)..]),
            UdpSize = Edns.SmallestUdpSize,
        };
        rest = rest[(length + 4)..];
        return header.Additional == 0 ? rest.IsEmpty : TryOpt(rest, ref query);
    }

    private static bool TryOpt(ReadOnlySpan<byte> opt, ref DnsQueryView query)
    {
        if (opt.Length < Edns.FixedBytes || opt[0] != 0
            || BinaryPrimitives.ReadUInt16BigEndian(opt[1..]) != (ushort)DnsType.OPT
            || BinaryPrimitives.ReadUInt16BigEndian(opt[9..]) != opt.Length - Edns.FixedBytes) return false;
        query = new()
        {
            Id = query.Id, Flags = query.Flags, Name = query.Name, Type = query.Type, Class = query.Class,
            HasEdns = true,
            UdpSize = Math.Max(Edns.SmallestUdpSize, (int)BinaryPrimitives.ReadUInt16BigEndian(opt[3..])),
            EdnsVersion = opt[6],
            DnssecOk = (opt[7] & 0x80) != 0,
        };
        return true;
    }
}
