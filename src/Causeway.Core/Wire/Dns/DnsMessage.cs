using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Causeway.Core.Wire.Dns;

/// <summary>A whole message (RFC 1035 section 4), its OPT record told apart. Read by <see cref="DnsMessageReader"/>,
/// written by <see cref="DnsMessageWriter"/>. For answering from prepared bytes see <see cref="DnsQueryView"/>.</summary>
public sealed record DnsMessage
{
    public ushort Id { get; init; }

    public DnsFlags Flags { get; init; }

    public DnsOpcode Opcode { get; init; }

    /// <summary>With the upper bits from the OPT record. A message without <see cref="Edns"/> carries four bits.</summary>
    public DnsRcode Rcode { get; init; }

    public ImmutableArray<DnsQuestion> Questions { get; init; } = [];

    public ImmutableArray<DnsRecord> Answers { get; init; } = [];

    public ImmutableArray<DnsRecord> Authority { get; init; } = [];

    /// <summary>Without the OPT record.</summary>
    public ImmutableArray<DnsRecord> Additional { get; init; } = [];

    public Edns? Edns { get; init; }

    public bool IsResponse => (Flags & DnsFlags.Response) != DnsFlags.None;

    public bool IsTruncated => (Flags & DnsFlags.Truncated) != DnsFlags.None;

    /// <summary>The empty answer to a message: its id, opcode, question and RD; EDNS where the query has it.</summary>
    public DnsMessage Reply(DnsRcode rcode) => new()
    {
        Id = Id,
        Opcode = Opcode,
        Rcode = rcode,
        Flags = DnsFlags.Response | Flags & (DnsFlags.RecursionDesired | DnsFlags.CheckingDisabled),
        Questions = Questions,
        Edns = Edns is { } edns ? new Edns(Dns.Edns.RecommendedUdpSize, DnssecOk: edns.DnssecOk) : null,
    };

    /// <summary>About as <c>dig +noall +comments +question +answer +authority +additional</c>.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $";; {Opcode} {Rcode.Word()} {Id} {Flags}\n");
        foreach (var question in Questions) text.Append(CultureInfo.InvariantCulture, $";{question}\n");
        Section(text, "ANSWER", Answers);
        Section(text, "AUTHORITY", Authority);
        Section(text, "ADDITIONAL", Additional);
        if (Edns is { } edns)
            text.Append(CultureInfo.InvariantCulture, $";; EDNS {edns.Version} udp {edns.UdpSize}{(edns.DnssecOk ? " do" : "")}\n");
        return text.ToString();
    }

    private static void Section(StringBuilder text, string name, ImmutableArray<DnsRecord> records)
    {
        if (records.IsEmpty) return;
        text.Append(CultureInfo.InvariantCulture, $";; {name}\n");
        foreach (var record in records) text.Append(CultureInfo.InvariantCulture, $"{record}\n");
    }
}
