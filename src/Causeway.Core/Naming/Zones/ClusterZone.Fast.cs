using System.Buffers.Binary;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>The way without allocation: addresses of services, and names that do not exist.</summary>
public sealed partial class ClusterZone
{
    private const int RecordHeaderBytes = 12;
    private const ushort PointerToQuestion = 0xC000 | DnsHeader.Bytes;

    private readonly byte[] _apex = settings.Apex.ToLower().Wire.ToArray();

    /// <summary>
    /// Writes the whole answer to a query of class IN and returns its length; 0 when the question is not for this
    /// way: then <see cref="Answer"/> knows. Says the same as it.
    /// </summary>
    /// <param name="reply">As long as the client takes; at least 512 bytes.</param>
    /// <param name="turn">Any number: turns the order of several addresses.</param>
    public int TryAnswer(in DnsQueryView query, Span<byte> reply, uint turn)
    {
        var length = query.Name.Length - _apex.Length;
        if (length < 0 || query.Class != DnsClass.IN || query.Type is not (DnsType.A or DnsType.AAAA)
            || query.EdnsVersion != 0) return 0;
        Span<byte> lower = stackalloc byte[DnsName.MaxBytes];
        lower = lower[..query.Name.Length];
        DnsCase.ToLower(query.Name, lower);
        // A suffix of equal bytes is one of whole labels only if a label begins there, which reading them shows.
        if (!lower[length..].SequenceEqual(_apex) || !EndsAt(lower, length)) return 0;
        var name = ZoneName.Read(lower[..length]);
        if (name.Kind == NameKind.Nothing) return Negative(query, reply, DnsRcode.NXDOMAIN);
        if (name.Kind != NameKind.Service) return 0;
        if (!index.TryService(name.Service, out var entry)) return Negative(query, reply, DnsRcode.NXDOMAIN);
        if (entry.Kind == ServiceKind.ExternalName) return 0;
        if (_services.IsAbsent(entry)) return Negative(query, reply, DnsRcode.NXDOMAIN);
        var family = query.Type == DnsType.A ? IpFamily.V4 : IpFamily.V6;
        var addresses = entry.AddressBytes(family);
        return addresses.IsEmpty
            ? Negative(query, reply, DnsRcode.NOERROR)
            : Positive(query, reply, addresses, family.Bytes, turn);
    }

    private static bool EndsAt(ReadOnlySpan<byte> wire, int length)
    {
        var at = 0;
        while (at < length) at += wire[at] + 1;
        return at == length;
    }

    private int Positive(in DnsQueryView query, Span<byte> reply, ReadOnlySpan<byte> addresses, int size, uint turn)
    {
        var at = DnsHeader.Bytes + query.QuestionBytes;
        var total = addresses.Length / size;
        var room = (reply.Length - at - (query.HasEdns ? Edns.FixedBytes : 0)) / (RecordHeaderBytes + size);
        var count = Math.Min(total, room);
        var from = total == 1 ? 0 : (int)(turn % (uint)total);
        for (var i = 0; i < count; i++)
        {
            var record = reply[at..];
            BinaryPrimitives.WriteUInt16BigEndian(record, PointerToQuestion);
            BinaryPrimitives.WriteUInt32BigEndian(record[2..], (uint)query.Type << 16 | (uint)DnsClass.IN);
            BinaryPrimitives.WriteUInt32BigEndian(record[6..], settings.Ttl);
            BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)size);
            addresses.Slice(from * size, size).CopyTo(record[RecordHeaderBytes..]);
            at += RecordHeaderBytes + size;
            if (++from == total) from = 0;
        }
        var truncated = count < total ? DnsFlags.Truncated : DnsFlags.None;
        return Finish(query, reply, at, DnsRcode.NOERROR, truncated, (ushort)count, 0);
    }

    private int Negative(in DnsQueryView query, Span<byte> reply, DnsRcode rcode)
    {
        var at = DnsHeader.Bytes + query.QuestionBytes;
        ReadOnlySpan<byte> server = "\u0002ns\u0003dns"u8, mailbox = "\u000ahostmaster"u8;
        var dataBytes = server.Length + 2 + mailbox.Length + 2 + 20;
        if (reply.Length < at + RecordHeaderBytes + dataBytes + (query.HasEdns ? Edns.FixedBytes : 0)) return 0;
        // The question ends in the apex: every name of the record points there.
        var apex = (ushort)(0xC000 | (DnsHeader.Bytes + query.Name.Length - _apex.Length));
        var record = reply[at..];
        BinaryPrimitives.WriteUInt16BigEndian(record, apex);
        BinaryPrimitives.WriteUInt32BigEndian(record[2..], (uint)DnsType.SOA << 16 | (uint)DnsClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(record[6..], settings.Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(record[10..], (ushort)dataBytes);
        record = record[RecordHeaderBytes..];
        record = WithApex(record, server, apex);
        record = WithApex(record, mailbox, apex);
        BinaryPrimitives.WriteUInt32BigEndian(record, index.Serial);
        ZoneAuthority.WriteTimes(record[4..], settings.Ttl);
        return Finish(query, reply, at + RecordHeaderBytes + dataBytes, rcode, DnsFlags.None, 0, 1);
    }

    private static Span<byte> WithApex(Span<byte> bytes, ReadOnlySpan<byte> labels, ushort apex)
    {
        labels.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[labels.Length..], apex);
        return bytes[(labels.Length + 2)..];
    }

    private static int Finish(
        in DnsQueryView query, Span<byte> reply, int at, DnsRcode rcode, DnsFlags truncated, ushort answers,
        ushort authority)
    {
        var flags = DnsFlags.Response | DnsFlags.Authoritative | truncated
            | query.Flags & (DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled);
        new DnsHeader(
            query.Id, DnsHeader.BitsOf(flags, DnsOpcode.Query, rcode), 1, answers, authority,
            (ushort)(query.HasEdns ? 1 : 0)).Write(reply);
        var question = reply[DnsHeader.Bytes..];
        query.Name.CopyTo(question);
        BinaryPrimitives.WriteUInt32BigEndian(question[query.Name.Length..], (uint)query.Type << 16 | (uint)query.Class);
        if (!query.HasEdns) return at;
        var opt = reply[at..];
        opt[0] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(opt[1..], (uint)DnsType.OPT << 16 | Edns.RecommendedUdpSize);
        BinaryPrimitives.WriteUInt32BigEndian(opt[5..], query.DnssecOk ? 0x8000u : 0);
        BinaryPrimitives.WriteUInt16BigEndian(opt[9..], 0);
        return at + Edns.FixedBytes;
    }
}
