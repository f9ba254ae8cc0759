using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>A copy of a zone is one answer in many messages (RFC 5936 section 2.2).</summary>
public static class TransferMessages
{
    // Counted without compression, so that what is counted surely fits; a round number below the limit of a message,
    // which leaves room for the longest record.
    private const int FullMessage = 32 * 1024;
    private const int RecordHeader = 10;

    public static bool IsTransfer(DnsMessage reply) =>
        reply is { Rcode: DnsRcode.NOERROR, Questions: [{ Type: DnsType.AXFR or DnsType.IXFR }], Answers.Length: > 1 };

    /// <summary>The messages, each with as many of the records as go into one; the question in the first only.</summary>
    public static IEnumerable<DnsMessage> Split(DnsMessage reply)
    {
        var (start, bytes) = (0, 0);
        for (var i = 0; i < reply.Answers.Length; i++)
        {
            var record = reply.Answers[i];
            bytes += record.Name.Wire.Length + RecordHeader + record.Data.Bytes.Length;
            if (bytes < FullMessage && i < reply.Answers.Length - 1) continue;
            yield return reply with
            {
                Questions = start == 0 ? reply.Questions : [], Answers = reply.Answers[start..(i + 1)],
            };
            (start, bytes) = (i + 1, 0);
        }
    }
}
