using System.Collections.Immutable;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Gives copies of zones to those who may have them (RFC 5936), over a stream; others are refused. Who asks
/// for the changes alone (RFC 1995) gets a whole copy, or hears that there are none.</summary>
/// <param name="zones">Those of the server, transferred by name where <paramref name="settings"/> does not choose.</param>
/// <param name="synced">Whether the names are all known: before, there is no copy.</param>
public sealed class TransferStep(
    TransferSettings settings, ImmutableArray<IZone> zones, Func<bool> synced, DnsHandler next)
{
    public ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var question = query.Question;
        if (question.Type is not (DnsType.AXFR or DnsType.IXFR)) return next(query, cancel);
        foreach (var zone in zones)
            if (zone.Apex == question.Name && Covers(zone.Apex)) return ValueTask.FromResult(Answer(query, zone));
        return next(query, cancel);
    }

    private bool Covers(DnsName apex) => settings.Zones.IsEmpty || settings.Zones.Contains(apex);

    private DnsMessage Answer(DnsQuery query, IZone zone)
    {
        if (!settings.To.IsEmpty && !settings.To.Any(network => network.Contains(query.Client)))
            return query.Message.Reply(DnsRcode.REFUSED);
        if (!synced()) return query.Message.Reply(DnsRcode.SERVFAIL);
        var soa = zone.Soa;
        var incremental = query.Question.Type == DnsType.IXFR;
        // The SOA alone says over UDP: ask again over TCP; and to one who has this serial: nothing is new.
        if (incremental && (query.Transport == DnsTransport.Udp || Serial(query.Message) == soa.Data.Soa?.Serial))
            return Reply(query, [soa]);
        return query.Transport == DnsTransport.Udp
            ? query.Message.Reply(DnsRcode.REFUSED)
            : Reply(query, [soa, .. zone.Records(), soa]);
    }

    private static DnsMessage Reply(DnsQuery query, ImmutableArray<DnsRecord> answers)
    {
        var reply = query.Message.Reply(DnsRcode.NOERROR);
        return reply with { Flags = reply.Flags | DnsFlags.Authoritative, Answers = answers };
    }

    /// <summary>Of the copy that the client has.</summary>
    private static uint? Serial(DnsMessage query) =>
        query.Authority.FirstOrDefault(r => r.Type == DnsType.SOA).Data.Soa?.Serial;
}
