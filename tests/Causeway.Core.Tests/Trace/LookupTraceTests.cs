using System.Collections.Immutable;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Tests.Naming.Lookups;
using Causeway.Core.Trace;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Tests.Trace;

public sealed class LookupTraceTests
{
    private static readonly Cause Dead = new(CauseCode.NoEndpoints, "nothing stands behind it", "n1", "rule", "start it");

    private static TraceResult Result(Verdict verdict, Cause? cause = null) => new(null, verdict, Leg.None, Leg.None, cause, []);

    private static TraceResult Join(string name, TraceResult way, TraceResult? connection = null, ResolvConf? conf = null)
    {
        var lookup = LookupScene.Find(name, conf);
        ImmutableArray<ServerWay> ways = lookup.Hosts.IsEmpty ? [new(LookupScene.Conf.Nameservers[0], way)] : [];
        return new LookupTrace(lookup, "pod ns1/client", ways, null, []).Join(LookupScene.Snapshot(), connection);
    }

    [Theory]
    [InlineData(Verdict.Reachable, Verdict.Reachable, Verdict.Reachable)]
    [InlineData(Verdict.Reachable, Verdict.Unreachable, Verdict.Unreachable)]
    [InlineData(Verdict.Partial, Verdict.Reachable, Verdict.Partial)]
    [InlineData(Verdict.Unknown, Verdict.Reachable, Verdict.Unknown)]
    [InlineData(Verdict.Unknown, Verdict.Unreachable, Verdict.Unreachable)]
    [InlineData(Verdict.Unreachable, Verdict.Reachable, Verdict.Unreachable)]
    public void A_program_gets_as_far_as_lookup_and_connection_both(Verdict way, Verdict connection, Verdict whole)
    {
        Cause? Of(Verdict verdict) => verdict == Verdict.Reachable ? null : Dead;
        var result = Join("open-nginx", Result(way, Of(way)), Result(connection, Of(connection)));
        Assert.Equal(whole, result.Verdict);
        Assert.Equal(whole == Verdict.Reachable, result.Cause is null);
        Assert.NotNull(result.Lookup);
    }

    [Fact]
    public void A_server_that_is_not_reached_is_the_cause_on_its_hop()
    {
        var cause = Join("open-nginx", Result(Verdict.Unreachable, Dead)).Cause!;
        Assert.Equal((CauseCode.NoEndpoints, "n1"), (cause.Code, cause.Node));
        Assert.Equal("the name is not looked up: 10.96.0.10 (line 2 of resolv.conf) is not reached: nothing stands behind it", cause.Message);
    }

    [Theory]
    [InlineData("open-ngnix.ns1.svc.cluster.local.", Verdict.Unreachable, "name-not-found")]
    [InlineData("open-ngnix", Verdict.Unreachable, "name-not-found")]
    [InlineData("open-ngnix.ns1-open", Verdict.Unknown, "name-unknown")]
    [InlineData("pending.ns1.svc.cluster.local.", Verdict.Unreachable, "name-without-address")]
    [InlineData("google.example", Verdict.Unknown, "name-unknown")]
    public void A_name_without_an_address_has_a_cause_with_evidence_and_a_fix(string name, Verdict verdict, string code)
    {
        var result = Join(name, Result(Verdict.Reachable));
        Assert.Equal((verdict, code), (result.Verdict, result.Cause!.CodeText));
        Assert.NotEmpty(result.Cause.Evidence);
        Assert.NotEmpty(result.Cause.Fix);
    }

    [Theory]
    [InlineData("open-ngnix", DnsRcode.NXDOMAIN, "name-not-found", "namespace ns1 has no service open-ngnix", "did you mean open-nginx?")]
    [InlineData("open-ngnix", DnsRcode.SERVFAIL, "name-not-found", "namespace ns1 has no service open-ngnix", "did you mean open-nginx?")]
    [InlineData("google.example", DnsRcode.NXDOMAIN, "name-not-found", "it was asked for, and no server gave an address", "see whether")]
    [InlineData("google.example", DnsRcode.SERVFAIL, "name-refused", "it was asked for, and no server gave an address", "see whether")]
    public void What_was_asked_for_in_vain_is_told_with_what_may_have_been_meant(
        string name, DnsRcode rcode, string code, string message, string fix)
    {
        var lookup = LookupScene.Find(name);
        AskedQuestion asked = new(
            lookup.Candidates[^1].Candidate, DnsType.A, lookup.Server, new() { Rcode = rcode }, TimeSpan.Zero, "");
        var cause = new LookupTrace(lookup, "", [], new([asked]), []).CauseOf(LookupScene.Snapshot())!;
        Assert.Equal((code, $"{name} is not found: {message}"), (cause.CodeText, cause.Message));
        Assert.StartsWith(fix, cause.Fix);
    }

    [Fact]
    public void A_line_of_the_hosts_file_needs_no_server() => Assert.Equal(
        Verdict.Reachable, Join("old-db", Result(Verdict.Unreachable, Dead), Result(Verdict.Reachable)).Verdict);

    [Fact]
    public void Without_a_nameserver_nobody_is_asked()
    {
        var lookup = LookupScene.Find("open-nginx") with { Server = null };
        var cause = new LookupTrace(lookup, "pod ns1/client", [], null, []).CauseOf(LookupScene.Snapshot())!;
        Assert.Equal("no-nameserver", cause.CodeText);
        Assert.StartsWith("pod ns1/client names no nameserver", cause.Message);
    }

    [Fact]
    public void The_json_has_every_step_of_the_lookup()
    {
        var json = TraceJson.Of(Join("open-nginx.ns1-open", Result(Verdict.Reachable), Result(Verdict.Reachable)))["lookup"]!;
        Assert.Equal("open-nginx.ns1-open", (string)json["name"]!);
        Assert.Equal(5, (int)json["ndots"]!);
        Assert.Equal(2, (int)json["resolvConf"]!["nameservers"]![0]!["line"]!);
        Assert.Equal("reachable", (string)json["ways"]![0]!["verdict"]!);
        Assert.Equal("10.96.0.22", (string)json["addresses"]![0]!);
        var answering = json["candidates"]![1]!;
        Assert.Equal("asked", (string)answering["turn"]!);
        Assert.Equal("records", (string)answering["questions"]![0]!["answer"]!);
        Assert.Equal("nodata", (string)answering["questions"]![1]!["answer"]!);
        Assert.Equal("Service ns1-open/open-nginx", (string)answering["questions"]![0]!["origin"]!);
        Assert.Equal("nxdomain", (string)json["candidates"]![0]!["questions"]![0]!["answer"]!);
    }
}
