using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Causeway.Core.Wire.Dns;

/// <summary>Bytes to messages.</summary>
public static class DnsMessageReader
{
    /// <summary>False, with the fault, unless all of the bytes are one message.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DnsMessage? message, out DnsFault fault)
    {
        message = null;
        fault = new(DnsFaultKind.Short, bytes.Length);
        if (!DnsHeader.TryRead(bytes, out var header)) return false;
        DnsReader reader = new(bytes, DnsHeader.Bytes);
        Edns? edns = null;
        var upper = DnsRcode.NOERROR;
        if (!TryQuestions(ref reader, header.Questions, out var questions)
            || !TryRecords(ref reader, header.Answers, false, ref edns, ref upper, out var answers)
            || !TryRecords(ref reader, header.Authority, false, ref edns, ref upper, out var authority)
            || !TryRecords(ref reader, header.Additional, true, ref edns, ref upper, out var additional)
            || (!reader.AtEnd && !reader.Fail(DnsFaultKind.Trailing, reader.Position)))
        {
            fault = reader.Fault;
            return false;
        }
        fault = default;
        message = new()
        {
            Id = header.Id, Flags = header.Flags, Opcode = header.Opcode, Rcode = upper | header.Rcode,
            Questions = questions, Answers = answers, Authority = authority, Additional = additional, Edns = edns,
        };
        return true;
    }

    private static bool TryQuestions(ref DnsReader reader, int count, out ImmutableArray<DnsQuestion> questions)
    {
        // The count is the sender's word: no room is made for what has not been read.
        var read = ImmutableArray.CreateBuilder<DnsQuestion>();
        questions = [];
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryQuestion(out var question)) return false;
            read.Add(question);
        }
        questions = read.ToImmutable();
        return true;
    }

    private static bool TryRecords(
        ref DnsReader reader, int count, bool mayHaveOpt, ref Edns? edns, ref DnsRcode upper,
        out ImmutableArray<DnsRecord> records)
    {
        var read = ImmutableArray.CreateBuilder<DnsRecord>();
        records = [];
        for (var i = 0; i < count; i++)
        {
            var at = reader.Position;
            if (!reader.TryRecord(out var record)) return false;
            if (record.Type != DnsType.OPT)
            {
                read.Add(record);
                continue;
            }
            if (!mayHaveOpt || edns is not null || !record.Name.IsRoot) return reader.Fail(DnsFaultKind.Opt, at);
            edns = Edns.Of(record);
            upper = (DnsRcode)(record.Ttl >> 24 << 4);
        }
        records = read.ToImmutable();
        return true;
    }
}
