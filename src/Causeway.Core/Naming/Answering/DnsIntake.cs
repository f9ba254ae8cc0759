using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>What came: a query for the handlers, or what is answered without them. Neither: nothing is said, as to an
/// answer, which could go on for ever.</summary>
public readonly record struct DnsIntake(DnsQuery? Query, DnsMessage? Refusal)
{
    /// <summary>Reads a message from anyone.</summary>
    public static DnsIntake Read(ReadOnlySpan<byte> bytes, IpAddress client, ushort port, DnsTransport transport)
    {
        if (!DnsHeader.TryRead(bytes, out var header) || header.IsResponse) return default;
        if (header.Opcode != DnsOpcode.Query) return new(null, Refuse(header, DnsRcode.NOTIMP));
        if (!DnsMessageReader.TryRead(bytes, out var message, out _) || message.Questions.Length != 1)
            return new(null, Refuse(header, DnsRcode.FORMERR));
        return message.Edns is { Version: > 0 }
            ? new(null, message.Reply(DnsRcode.BADVERS))
            : new(new DnsQuery(message, client, port, transport), null);
    }

    private static DnsMessage Refuse(DnsHeader header, DnsRcode rcode) => new()
    {
        Id = header.Id, Opcode = header.Opcode, Rcode = rcode,
        Flags = DnsFlags.Response | header.Flags & DnsFlags.RecursionDesired,
    };
}

/// <summary>Answers to bytes, as the one who asked takes them.</summary>
public static class DnsReply
{
    /// <summary>Stands for no answer at all: the client is left to wait.</summary>
    public static readonly DnsMessage None = new();

    public static bool IsNone(DnsMessage reply) => ReferenceEquals(reply, None);

    /// <summary>
    /// Writes what fits and returns the length. Over UDP that is what the client says it takes, and never more than
    /// <see cref="Edns.RecommendedUdpSize"/>: a forged question must not bring much to whom it names.
    /// </summary>
    /// <param name="query">Null for a refusal of what could not be read.</param>
    /// <param name="room">65,535 bytes for a stream.</param>
    public static int Write(DnsMessage reply, DnsMessage? query, DnsTransport transport, Span<byte> room)
    {
        if (transport == DnsTransport.Udp) room = room[..Math.Min(room.Length, UdpSize(query))];
        if (query?.Edns is not { } edns) reply = reply with { Edns = null, Rcode = Plain(reply.Rcode) };
        else if (reply.Edns is null) reply = reply with { Edns = new(Edns.RecommendedUdpSize, DnssecOk: edns.DnssecOk) };
        return DnsMessageWriter.Write(reply, room);
    }

    public static int UdpSize(DnsMessage? query) =>
        Math.Clamp(query?.Edns is { UdpSize: var size } ? (int)size : 0, Edns.SmallestUdpSize, Edns.RecommendedUdpSize);

    // Its upper bits have no place without EDNS.
    private static DnsRcode Plain(DnsRcode rcode) => (ushort)rcode > 15 ? DnsRcode.SERVFAIL : rcode;
}
