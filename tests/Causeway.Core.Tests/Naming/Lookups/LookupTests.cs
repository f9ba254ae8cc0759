using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;
using static Causeway.Core.Tests.Naming.Lookups.LookupScene;
using static Causeway.Core.Tests.Naming.Zones.ZoneObjects;

namespace Causeway.Core.Tests.Naming.Lookups;

public sealed class LookupTests
{
    // Names that are asked for, how it ends, and with which addresses.
    [Theory]
    [InlineData("open-nginx", 1, "Found", "10.96.0.21")]
    [InlineData("open-nginx.ns1-open", 2, "Found", "10.96.0.22")]
    [InlineData("open-nginx.ns1-open.svc", 3, "Found", "10.96.0.22")]
    [InlineData("open-nginx.ns1-open.svc.cluster.local.", 1, "Found", "10.96.0.22")]
    [InlineData("shop.ns1-open", 2, "Found", "fd00::17 10.96.0.23")]
    [InlineData("alias", 1, "Found", "fd00::17 10.96.0.23")]
    [InlineData("old-db", 0, "Found", "192.0.2.7")]
    [InlineData("google.example.", 1, "Unknown", "")]
    [InlineData("away", 1, "Unknown", "")]
    [InlineData("open-ngnix.ns1.svc.cluster.local.", 1, "NoName", "")]
    [InlineData("sleepy.ns1.svc.cluster.local.", 1, "NoName", "")]
    [InlineData("pending.ns1.svc.cluster.local.", 1, "NoData", "")]
    [InlineData("a..b", 0, "NoName", "")]
    public void A_name_comes_to_what_its_candidates_answer(string name, int asked, string end, string addresses)
    {
        var lookup = Find(name);
        Assert.Equal(end, lookup.End.ToString());
        Assert.Equal(addresses, string.Join(' ', lookup.Addresses));
        Assert.Equal(asked, lookup.Candidates.Count(c => c.Turn == CandidateTurn.Asked));
        Assert.Equal(2 * asked, lookup.Questions);
    }

    [Fact]
    public void Each_answer_names_the_object_behind_it()
    {
        var lookup = Find("open-nginx.ns1-open");
        var answer = lookup.Answering!.Questions[0].Answer;
        Assert.Equal("Service ns1-open/open-nginx", answer.Origin);
        Assert.Equal(AnswerKind.NoData, lookup.Answering.Questions[1].Answer.Kind);
        Assert.Equal(CandidateTurn.NotAsked, lookup.Candidates[^1].Turn);
    }

    [Fact]
    public void An_outside_name_is_asked_for_five_times_and_the_advice_says_how_it_is_asked_once()
    {
        var lookup = Find("google.example");
        Assert.Equal(
            [
                "google.example.ns1.svc.cluster.local.", "google.example.svc.cluster.local.", "google.example.cluster.local.",
                "google.example.corp.lan.", "google.example.",
            ],
            lookup.Candidates.Select(c => c.Candidate.ToString()));
        // What a domain of the node answers is known by asking alone.
        Assert.Equal(
            [CandidateTurn.Asked, CandidateTurn.Asked, CandidateTurn.Asked, CandidateTurn.Asked, CandidateTurn.Perhaps],
            lookup.Candidates.Select(c => c.Turn));
        Assert.Equal("there is no namespace example", lookup.Candidates[1].Questions[0].Answer.Why);
        Assert.Contains("forwarded to the servers of /etc/resolv.conf", lookup.Candidates[4].Questions[0].Answer.Why);
        var advice = LookupAdvice.OfSearching(lookup)!;
        Assert.Contains("ndots:5 (line 3 of resolv.conf)", advice);
        Assert.Contains("5 names, 10 questions (A and AAAA each)", advice);
        Assert.Contains("google.example. with a dot at its end", advice);
        Assert.Contains("ndots: \"1\"", advice);
    }

    [Theory]
    [InlineData("google.example.")]
    [InlineData("open-nginx")]
    [InlineData("open-nginx.ns1-open")]
    [InlineData("old-db.example")]
    public void Names_that_are_asked_for_as_meant_get_no_advice(string name) =>
        Assert.Null(LookupAdvice.OfSearching(Find(name)));

    [Theory]
    [InlineData("open-ngnix", "namespace ns1 has no service open-ngnix", "did you mean open-nginx?")]
    [InlineData("shop", "namespace ns1 has no service shop", "did you mean shop.ns1-open?")]
    [InlineData("open-ngnix.ns1-open", "namespace ns1-open has no service open-ngnix", "did you mean open-nginx.ns1-open?")]
    [InlineData("open-nginx.ns1-opem", "there is no namespace ns1-opem", "did you mean open-nginx.ns1-open?")]
    [InlineData("zzz.ns1-open", "namespace ns1-open has no service zzz", "ns1-open has the services open-nginx, shop")]
    [InlineData("a..b", "it is no name that can be asked for", "labels have 1 to 63 letters, a name at most 253")]
    public void What_does_not_exist_is_told_with_what_was_meant(string name, string message, string fix) =>
        Assert.Equal((message, fix), LookupAdvice.OfAbsence(Find(name), Snapshot()));

    [Fact]
    public void The_corefile_decides_what_is_forwarded_and_refused()
    {
        const string corefile = "cluster.local:53 {\n kubernetes cluster.local\n}\nexample:53 {\n forward . 192.0.2.53 tls://192.0.2.54\n}\n";
        Assert.Contains(
            "192.0.2.53:53, tls://192.0.2.54:853 by the Corefile's forward (Corefile:5:2)",
            Find("google.example.", corefile: corefile).Candidates[0].Questions[0].Answer.Why);
        var refused = Find("google.org.", corefile: corefile);
        Assert.Equal(LookupEnd.Failure, refused.End);
        Assert.StartsWith("REFUSED", refused.Candidates[0].Questions[0].Answer.Why);
        Assert.Equal(LookupEnd.Found, Find("web.lan.", corefile: ".:53 {\n hosts {\n  10.0.0.1 web.lan\n fallthrough\n }\n}\n").End);
        // A rule that concerns the name is not followed; another has no say.
        foreach (var (from, end) in (IEnumerable<(string, LookupEnd)>)[("suffix .cluster.local .b", LookupEnd.Unknown), ("a b", LookupEnd.Found)])
            Assert.Equal(end, Find("open-nginx", corefile: $".:53 {{\n rewrite name {from}\n kubernetes cluster.local\n}}\n").End);
    }

    [Fact]
    public void A_missing_or_broken_configuration_is_told()
    {
        Assert.Contains("ConfigMap kube-system/coredns is not there", Assert.Single(new ClusterDns(Snapshot(), null).Notes));
        Assert.Contains("Corefile:2:2", Assert.Single(new ClusterDns(Snapshot(), ".:53 {\n kubernets cluster.local\n}\n").Notes));
        Assert.Empty(new ClusterDns(Snapshot(), ".:53 {\n kubernetes cluster.local\n}\n").Notes);
    }

    [Fact]
    public void The_servers_port_may_be_another_than_the_services()
    {
        const string corefile = ".:1053 {\n kubernetes cluster.local\n}\n";
        Assert.Equal(LookupEnd.Failure, Find("open-nginx", corefile: corefile).End);
        Assert.Equal(LookupEnd.Found, Find(
            "open-nginx", corefile: corefile,
            more: Slice("kube-system", "kube-dns", "kube-dns-1", ["dns:1053/UDP"], "10.244.1.2")).End);
    }

    [Fact]
    public void A_server_of_somebody_else_is_known_only_by_asking() => Assert.Equal(
        LookupEnd.Unknown, Find("open-nginx", ResolvConf.Parse("nameserver 192.0.2.1\n")).End);

    [Fact]
    public void Other_types_are_asked_for_alone_and_not_of_the_hosts_file()
    {
        ClusterDns dns = new(Snapshot(), null);
        var lookup = Lookup.Of(new("old-db", Conf, Hosts, DnsType.SRV), Conf.Nameservers[0], dns.At(Conf.Nameservers[0].Address)!.Answer);
        Assert.Empty(lookup.Hosts);
        Assert.All(lookup.Candidates, c => Assert.Equal(DnsType.SRV, Assert.Single(c.Questions).Type));
    }
}
