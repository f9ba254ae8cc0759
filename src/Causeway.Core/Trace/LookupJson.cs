using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Trace;

/// <summary>The stable JSON form of a lookup; docs/trace.md and docs/dns.md describe it.</summary>
public static class LookupJson
{
    public static JsonObject Of(LookupTrace trace)
    {
        var json = Of(trace.Lookup, trace.Advice);
        json["source"] = trace.Source;
        json["ways"] = Array(trace.Ways, w =>
        {
            var way = TraceJson.Of(w.Way);
            way["server"] = w.Server.ToString();
            return way;
        });
        json["addresses"] = Texts(trace.Addresses);
        if (trace.Asked is { } asked) json["asked"] = Of(asked);
        if (!trace.Notes.IsEmpty) json["notes"] = Texts(trace.Notes);
        return json;
    }

    public static JsonObject Of(Lookup lookup) => Of(lookup, LookupAdvice.OfSearching(lookup));

    private static JsonObject Of(Lookup lookup, string? advice)
    {
        var json = new JsonObject
        {
            ["name"] = lookup.Name,
            ["resolvConf"] = Of(lookup.Conf),
            ["ndots"] = lookup.Conf.Ndots,
            ["server"] = lookup.Server?.ToString(),
            ["questions"] = lookup.Questions,
            ["candidates"] = Array(lookup.Candidates, c => new JsonObject
            {
                ["name"] = c.Candidate.ToString(),
                ["suffix"] = c.Candidate.Suffix?.Name,
                ["turn"] = TraceJson.Word(c.Turn.ToString()),
                ["questions"] = Array(c.Questions, Of),
            }),
            ["addresses"] = Texts(lookup.Addresses),
            ["advice"] = advice,
        };
        if (!lookup.Hosts.IsEmpty)
            json["hosts"] = Array(lookup.Hosts, h => new JsonObject
            {
                ["line"] = h.Line, ["text"] = h.Text, ["address"] = h.Address.ToString(),
            });
        return json;
    }

    public static JsonArray Of(AskedLookup asked) => Array(asked.Questions, q => new JsonObject
    {
        ["name"] = q.Candidate.ToString(),
        ["type"] = q.Type.Word(),
        ["server"] = q.Server?.ToString(),
        ["answer"] = q.Kind is { } kind ? Word(kind) : "none",
        ["rcode"] = q.Reply?.Rcode.Word(),
        ["records"] = Texts(q.Reply?.Answers ?? []),
        ["milliseconds"] = Math.Round(q.Took.TotalMilliseconds, 3),
        ["fault"] = q.Fault.Length == 0 ? null : q.Fault,
    });

    private static JsonObject Of(LookupQuestion question) => new()
    {
        ["type"] = question.Type.Word(),
        ["answer"] = Word(question.Answer.Kind),
        ["records"] = Texts(question.Answer.Records),
        ["why"] = question.Answer.Why,
        ["origin"] = question.Answer.Origin,
    };

    private static JsonObject Of(ResolvConf conf) => new()
    {
        ["nameservers"] = Array(conf.Nameservers, n => new JsonObject { ["address"] = n.ToString(), ["line"] = n.Line }),
        ["searches"] = Array(conf.Searches, s => new JsonObject { ["name"] = s.Name, ["line"] = s.Line }),
        ["options"] = Array(conf.Options, o => new JsonObject { ["option"] = o.ToString(), ["line"] = o.Line }),
    };

    private static string Word(AnswerKind kind) => kind == AnswerKind.NoName ? "nxdomain"
        : kind == AnswerKind.NoData ? "nodata" : TraceJson.Word(kind.ToString());

    private static JsonArray Texts<T>(ImmutableArray<T> items) => Array(items, i => JsonValue.Create(i?.ToString()));

    private static JsonArray Array<T>(ImmutableArray<T> items, Func<T, JsonNode?> print) => new([.. items.Select(print)]);
}
