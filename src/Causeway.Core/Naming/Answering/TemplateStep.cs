using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Answering;

/// <summary>Makes records of the name that is asked.</summary>
/// <param name="own">The server's zones, for a template that names none.</param>
/// <param name="whole">The server's whole chain, which is asked for what an alias points to.</param>
public sealed class TemplateStep(
    TemplateSettings settings, ImmutableArray<DnsName> own, DnsHandler whole, DnsHandler next)
{
    private readonly ImmutableArray<DnsName> _zones = settings.Zones.IsEmpty ? own : settings.Zones;

    public ValueTask<DnsMessage> AnswerAsync(DnsQuery query, CancellationToken cancel)
    {
        var question = query.Question;
        if (!settings.Concerns(question) || !_zones.Any(question.Name.IsWithin)) return next(query, cancel);
        if (Find(RewriteRule.Text(question.Name)) is not { } found)
            return settings.Fallthrough.Covers(question.Name)
                ? next(query, cancel)
                : ValueTask.FromResult(query.Message.Reply(DnsRcode.NXDOMAIN));
        return Aliases.FollowAsync(query, Made(query, found), whole, cancel);
    }

    private DnsMessage Made(DnsQuery query, Match found)
    {
        var question = query.Question;
        TemplateValues values = new(question, _zones.Where(question.Name.IsWithin).MaxBy(z => z.LabelCount), found);
        var reply = query.Message.Reply(settings.Rcode);
        return Records(settings.Answers, values) is { } answers && Records(settings.Authority, values) is { } authority
            && Records(settings.Additional, values) is { } additional
                ? reply with
                {
                    Flags = reply.Flags | DnsFlags.Authoritative, Answers = answers, Authority = authority,
                    Additional = additional,
                }
                : query.Message.Reply(DnsRcode.SERVFAIL);
    }

    private Match? Find(string name)
    {
        // Without a pattern every name fits.
        if (settings.Matches.IsEmpty) return Match.Empty;
        foreach (var pattern in settings.Matches)
            if (pattern.Match(name) is { Success: true } found) return found;
        return null;
    }

    /// <summary>Null when what the name gave is no record.</summary>
    private static ImmutableArray<DnsRecord>? Records(ImmutableArray<TemplateText> lines, TemplateValues values)
    {
        var records = ImmutableArray.CreateBuilder<DnsRecord>(lines.Length);
        foreach (var line in lines)
        {
            if (!DnsRecordText.TryParse(line.Fill(values), out var record, out _)) return null;
            records.Add(record);
        }
        return records.MoveToImmutable();
    }
}
