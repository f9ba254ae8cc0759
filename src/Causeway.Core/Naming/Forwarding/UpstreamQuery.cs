using System.Diagnostics.CodeAnalysis;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Forwarding;

/// <summary>What bytes are that came where an answer was awaited (RFC 5452 section 9.1).</summary>
public enum UpstreamVerdict : byte
{
    /// <summary>The answer.</summary>
    Answer,

    /// <summary>No answer at all, or too short to be one.</summary>
    Garbage,

    /// <summary>An answer to another query: its id differs.</summary>
    OtherId,

    /// <summary>An answer to another question.</summary>
    OtherQuestion,

    /// <summary>The question, but not in the case that was asked: the server changes names, or somebody guesses.</summary>
    OtherCase,

    /// <summary>Head and question of the answer, but what follows is no message: most likely it was cut.</summary>
    Unreadable,
}

/// <summary>A client's query as an upstream server is asked, and the judge of what comes back.</summary>
public static class UpstreamQuery
{
    /// <summary>Of any query that is written here: header, question and an OPT record without options.</summary>
    public const int MaxBytes = DnsHeader.Bytes + DnsName.MaxBytes + 4 + Edns.FixedBytes;

    private const DnsFlags Asked = DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled | DnsFlags.AuthenticData;

    /// <summary>
    /// Writes the question with another id and returns the length. EDNS when the client has it, with DO as the client
    /// says, but with our own size and without options: those are between the client and us (RFC 6891 section 6.1.1).
    /// </summary>
    /// <param name="room">At least <see cref="MaxBytes"/>.</param>
    public static int Write(DnsMessage query, ushort id, Span<byte> room) => DnsMessageWriter.Write(
        new()
        {
            Id = id,
            Flags = query.Flags & Asked,
            Questions = query.Questions,
            Edns = OurEdns(query),
        },
        room);

    /// <param name="message">The answer as the client gets it: with the client's id and question; else null.</param>
    public static UpstreamVerdict Judge(
        ReadOnlySpan<byte> bytes, DnsMessage query, ushort id, out DnsMessage? message)
    {
        message = null;
        DnsReader reader = new(bytes, DnsHeader.Bytes);
        if (!DnsHeader.TryRead(bytes, out var header) || !header.IsResponse || header.Opcode != DnsOpcode.Query)
            return UpstreamVerdict.Garbage;
        if (header.Id != id) return UpstreamVerdict.OtherId;
        if (header.Questions != 1 || !reader.TryQuestion(out var question) || question != query.Questions[0])
            return UpstreamVerdict.OtherQuestion;
        if (!question.Name.Wire.SequenceEqual(query.Questions[0].Name.Wire)) return UpstreamVerdict.OtherCase;
        if (!TryRead(bytes, query, out message)) return UpstreamVerdict.Unreadable;
        return UpstreamVerdict.Answer;
    }

    /// <summary>The answer that makes a client ask again over a stream.</summary>
    public static DnsMessage Truncated(DnsMessage query)
    {
        var reply = query.Reply(DnsRcode.NOERROR);
        return reply with { Flags = reply.Flags | DnsFlags.Truncated };
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, DnsMessage query, [NotNullWhen(true)] out DnsMessage? message)
    {
        if (!DnsMessageReader.TryRead(bytes, out message, out _)) return false;
        message = message with { Id = query.Id, Questions = query.Questions, Edns = OurEdns(query) };
        return true;
    }

    private static Edns? OurEdns(DnsMessage query) =>
        query.Edns is { } edns ? new Edns(Edns.RecommendedUdpSize, DnssecOk: edns.DnssecOk) : null;
}
