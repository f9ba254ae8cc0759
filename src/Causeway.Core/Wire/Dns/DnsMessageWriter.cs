using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Causeway.Core.Wire.Dns;

/// <summary>Messages to bytes.</summary>
public static class DnsMessageWriter
{
    public const int LargestMessage = 65535;

    /// <summary>
    /// Writes as much as fits and returns the length. Answers or authority that do not fit set TC (RFC 2181 section 9)
    /// and end the message; additional records that do not fit are left out. The OPT record always stays.
    /// </summary>
    /// <param name="bytes">As long as the receiver allows, at least 512.</param>
    /// <exception cref="ArgumentException">Not even header, questions and OPT fit.</exception>
    public static int Write(DnsMessage message, Span<byte> bytes)
    {
        if (bytes.Length > LargestMessage) bytes = bytes[..LargestMessage];
        var reserved = message.Edns?.Bytes ?? 0;
        if (bytes.Length < DnsHeader.Bytes + reserved) throw TooSmall(bytes.Length);
        DnsWriter writer = new(bytes[..^reserved]);
        foreach (var question in message.Questions)
            if (!writer.TryQuestion(question)) throw TooSmall(bytes.Length);

        var truncated = false;
        var answers = Records(ref writer, message.Answers, ref truncated);
        var authority = Records(ref writer, message.Authority, ref truncated);
        var whole = truncated;
        var additional = Records(ref writer, message.Additional, ref whole);
        var length = writer.Position;
        if (message.Edns is { } edns)
        {
            length += WriteOpt(edns.Record(message.Rcode), bytes[length..]);
            additional++;
        }
        var flags = truncated ? message.Flags | DnsFlags.Truncated : message.Flags;
        new DnsHeader(
            message.Id, DnsHeader.BitsOf(flags, message.Opcode, message.Rcode),
            (ushort)message.Questions.Length, answers, authority, additional).Write(bytes);
        return length;
    }

    private static ushort Records(ref DnsWriter writer, ImmutableArray<DnsRecord> records, ref bool full)
    {
        ushort written = 0;
        for (; !full && written < records.Length; written++)
        {
            full = !writer.TryRecord(records[written]);
            if (full) break;
        }
        return written;
    }

    private static int WriteOpt(DnsRecord opt, Span<byte> bytes)
    {
        // The root, its own class and time, and no name to compress: the writer's header is not needed.
        bytes[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[1..], (ushort)opt.Type);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[3..], (ushort)opt.Class);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[5..], opt.Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[9..], (ushort)opt.Data.Bytes.Length);
        opt.Data.Bytes.CopyTo(bytes[Edns.FixedBytes..]);
        return Edns.FixedBytes + opt.Data.Bytes.Length;
    }

    private static ArgumentException TooSmall(int length) =>
        new($"header, questions and OPT do not fit into {length} bytes");
}
