using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Wire.Dns;
using static Causeway.Core.Tests.Naming.Answering.Steps;

namespace Causeway.Core.Tests.Naming.Answering;

/// <summary>acl, any, minimal, rewrite, template and autopath: what a client gets.</summary>
public sealed class StepTests
{
    [Theory]
    [InlineData("192.0.2.1", DnsType.A, "www. 30 IN A 192.0.2.80")]
    [InlineData("10.1.2.3", DnsType.A, "REFUSED")]
    [InlineData("10.9.0.1", DnsType.A, "www. 30 IN A 192.0.2.80")]
    [InlineData("172.16.0.1", DnsType.AAAA, "NOERROR")]
    public async Task Who_asks_decides_and_the_first_rule_that_fits(string client, DnsType type, string answer)
    {
        const string text = "acl {\n allow net 10.9.0.0/16\n block net 10.0.0.0/8\n filter type AAAA net 172.16.0.0/12\n drop net 198.51.100.0/24\n}";
        AclStep step = new(Settings<AclSettings>(text)[0], _ => { }, Knows("192.0.2.80", "www."));
        Assert.Equal(answer, Text(await Ask(step.AnswerAsync, "www.", type, client)));
        Assert.Same(DnsReply.None, await Ask(step.AnswerAsync, "www.", type, "198.51.100.7"));
    }

    [Fact]
    public async Task Any_is_answered_with_one_small_record()
    {
        AnyStep step = new(Knows("192.0.2.80", "www."));
        Assert.Equal("www. 8482 IN HINFO \"ANY obsoleted\" \"See RFC 8482\"", Text(await Ask(step.AnswerAsync, "www.", DnsType.ANY)));
        Assert.Equal("www. 30 IN A 192.0.2.80", Text(await Ask(step.AnswerAsync, "www.")));
    }

    [Theory]
    [InlineData("rewrite name a.example b.cluster.local", "A.Example.", "A.Example. 30 IN A 192.0.2.80")]
    [InlineData("rewrite name suffix .example .cluster.local answer auto", "b.example.", "b.example. 30 IN A 192.0.2.80")]
    [InlineData("rewrite name suffix .example .cluster.local", "b.example.", "b.cluster.local. 30 IN A 192.0.2.80")]
    [InlineData("rewrite name prefix x- b", "x-.cluster.local.", "b.cluster.local. 30 IN A 192.0.2.80")]
    [InlineData("rewrite name substring own cluster", "b.own.local.", "b.cluster.local. 30 IN A 192.0.2.80")]
    [InlineData("rewrite name regex (.*)\\.eu\\.example {1}.cluster.local", "b.eu.example.", "b.cluster.local. 30 IN A 192.0.2.80")]
    [InlineData("rewrite stop {\n name regex (.*)\\.eu\\.example\\. {1}.cluster.local.\n answer name (.*)\\.cluster\\.local\\. {1}.eu.example.\n}", "b.eu.example.", "b.eu.example. 30 IN A 192.0.2.80")]
    [InlineData("rewrite continue name suffix .one .two answer auto\nrewrite name suffix .two .cluster.local answer auto", "b.one.", "b.one. 30 IN A 192.0.2.80")]
    [InlineData("rewrite name suffix .one .two\nrewrite name suffix .two .cluster.local", "b.one.", "NXDOMAIN")]
    [InlineData("rewrite type AAAA A", "b.cluster.local.", "b.cluster.local. 30 IN A 192.0.2.80")]
    public async Task A_name_is_asked_as_another_and_answered_as_itself(string text, string name, string answer)
    {
        RewriteStep step = new([.. Settings<RewriteSettings>(text)], Knows("192.0.2.80", "b.cluster.local."));
        var type = text.Contains("AAAA", StringComparison.Ordinal) ? DnsType.AAAA : DnsType.A;
        var reply = await Ask(step.AnswerAsync, name, type);
        Assert.Equal(answer, Text(reply));
        Assert.Equal((name, type), (reply.Questions[0].Name.ToString(), reply.Questions[0].Type));
    }

    [Theory]
    [InlineData("rewrite name a.example", "takes what is changed")]
    [InlineData("rewrite name regex ( b", "is not a regular expression")]
    [InlineData("rewrite name regex a b answer auto", "answer name PATTERN NAME")]
    [InlineData("rewrite edns0 local set 0xffee abcd", "'edns0' cannot be rewritten here; name and type can")]
    [InlineData("template IN A {\n answer \"{{ .Nmae }} IN A 1.2.3.4\"\n}", "'{{ .Nmae }}' is not known")]
    public void What_is_wrong_with_a_rule_is_said(string text, string problem) =>
        Assert.Contains(problem, Problem(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("ip-10-1-2-3.example.", DnsType.A, "ip-10-1-2-3.example. 60 IN A 10.1.2.3")]
    [InlineData("other.example.", DnsType.A, "NXDOMAIN")]
    [InlineData("ip-10-1-2-999.example.", DnsType.A, "SERVFAIL")]
    [InlineData("b.cluster.local.", DnsType.A, "b.cluster.local. 30 IN A 192.0.2.80")]
    [InlineData("ip-10-1-2-3.example.", DnsType.AAAA, "NXDOMAIN")]
    public async Task Records_are_made_of_the_name(string name, DnsType type, string answer)
    {
        const string text = "template IN A example {\n match \"^ip-(?P<a>\\d+)-(?P<b>\\d+)-(?P<c>\\d+)-(\\d+)[.]\"\n"
            + " answer \"{{ .Name }} 60 IN {{ .Type }} {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ index .Match 1 }}\"\n}";
        Assert.Equal(answer, Text(await Ask(Template(text, Knows("192.0.2.80", "b.cluster.local.")), name, type)));
    }

    [Theory]
    [InlineData("IN", DnsType.A, "a.example. 60 IN CNAME b.cluster.local., b.cluster.local. 30 IN A 192.0.2.80")]
    [InlineData("ANY", DnsType.CNAME, "a.example. 60 IN CNAME b.cluster.local.")]
    [InlineData("CH", DnsType.A, "NXDOMAIN")]
    public async Task A_template_s_alias_comes_with_what_it_leads_to(string ofClass, DnsType type, string answer)
    {
        var text = $"template {ofClass} ANY example {{\n answer \"{{{{ .Name }}}} 60 IN CNAME b.cluster.local.\"\n}}";
        Assert.Equal(
            answer, Text(await Ask(Template(text, Knows("192.0.2.80", "b.cluster.local.")), "a.example.", type)));
    }

    [Fact]
    public async Task Aliases_in_a_circle_end()
    {
        const string text = "template IN ANY example {\n match ^(a|b)(.*)$\n"
            + " answer \"{{ .Name }} 60 IN CNAME b{{ index .Match 2 }}\"\n}";
        Assert.Equal(
            "a.example. 60 IN CNAME b.example., b.example. 60 IN CNAME b.example.",
            Text(await Ask(Template(text, Knows("192.0.2.80")), "a.example.")));
        const string growing = "template IN ANY example {\n answer \"{{ .Name }} 60 IN CNAME a.{{ .Name }}\"\n}";
        Assert.InRange((await Ask(Template(growing, Knows("192.0.2.80")), "a.example.")).Answers.Length, 2, 10);
    }

    [Fact]
    public async Task A_circle_of_aliases_through_the_cache_does_not_wait_for_itself()
    {
        DnsHandler whole = null!;
        var template = Template(
            "template IN ANY example {\n match ^(.)(.).*$\n answer \"{{ .Name }} 60 IN CNAME {{ index .Match 2 }}{{ index .Match 1 }}.example.\"\n}",
            Knows("192.0.2.80"), (query, cancel) => whole(query, cancel));
        whole = new AnswerCache(Settings<CacheSettings>("cache")[0], TimeProvider.System, CacheCounters.None, template).AnswerAsync;
        var reply = await Ask((query, cancel) => whole(query, cancel), "ab.example.").WaitAsync(
            TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal("ab.example. 60 IN CNAME ba.example., ba.example. 60 IN CNAME ab.example.", Text(reply));
    }

    [Fact]
    public async Task A_pod_s_first_question_is_answered_with_what_its_last_would_have_found()
    {
        var settings = Settings<AutopathSettings>("kubernetes\nautopath @kubernetes")[0];
        AutopathStep step = new(
            settings, [.. Root],
            query => query.Client.ToString() == "10.244.0.7"
                ? [DnsName.Parse("ns.svc.cluster.local."), DnsName.Parse("svc.cluster.local."), DnsName.Parse("cluster.local.")]
                : [],
            Knows("192.0.2.80", "google.example.", "web.ns.svc.cluster.local.", "web.other.svc.cluster.local."));
        Task<DnsMessage> Pod(string name, DnsType type = DnsType.A) => Ask(step.AnswerAsync, name, type, "10.244.0.7");
        Assert.Equal("web.ns.svc.cluster.local. 30 IN A 192.0.2.80", Text(await Pod("web.ns.svc.cluster.local.")));
        Assert.Equal(
            "web.other.ns.svc.cluster.local. 30 IN CNAME web.other.svc.cluster.local., web.other.svc.cluster.local. 30 IN A 192.0.2.80",
            Text(await Pod("web.other.ns.svc.cluster.local.")));
        Assert.Equal(
            "google.example.ns.svc.cluster.local. 30 IN CNAME google.example., google.example. 30 IN A 192.0.2.80",
            Text(await Pod("google.example.ns.svc.cluster.local.")));
        Assert.Equal("NXDOMAIN", Text(await Pod("nobody.ns.svc.cluster.local.")));
        Assert.Equal("NXDOMAIN", Text(await Pod("google.example.svc.cluster.local.")));
        Assert.Equal("NXDOMAIN", Text(await Ask(step.AnswerAsync, "google.example.ns.svc.cluster.local.")));
    }

    [Theory]
    [InlineData(DnsRcode.NOERROR)]
    [InlineData(DnsRcode.SERVFAIL)]
    public async Task The_walk_ends_at_a_name_without_such_records_and_at_a_failure(DnsRcode outcome)
    {
        DnsName decided = DnsName.Parse("web.cluster.local.");
        List<string> asked = [];
        AutopathStep step = new(
            Settings<AutopathSettings>("kubernetes\nautopath @kubernetes")[0], [.. Root],
            _ => [DnsName.Parse("ns.svc.cluster.local."), DnsName.Parse("svc.cluster.local."), DnsName.Parse("cluster.local.")],
            (query, _) =>
            {
                asked.Add(query.Question.Name.ToString());
                return ValueTask.FromResult(query.Message.Reply(query.Question.Name == decided ? outcome : DnsRcode.NXDOMAIN));
            });
        var reply = await Ask(step.AnswerAsync, "web.ns.svc.cluster.local.", DnsType.AAAA);
        Assert.Equal(outcome.Word(), Text(reply));
        Assert.Equal("web.ns.svc.cluster.local.", reply.Questions[0].Name.ToString());
        Assert.Equal(["web.ns.svc.cluster.local.", "web.svc.cluster.local.", "web.cluster.local."], asked);
        decided = DnsName.Parse("web.ns.svc.cluster.local.");
        asked.Clear();
        Assert.Equal(outcome.Word(), Text(await Ask(step.AnswerAsync, "web.ns.svc.cluster.local.", DnsType.AAAA)));
        Assert.Single(asked);
    }

    [Fact]
    public async Task A_minimal_answer_has_its_records_alone()
    {
        MinimalStep step = new((query, _) => ValueTask.FromResult(query.Message.Reply(DnsRcode.NOERROR) with
        {
            Answers = [new(query.Question.Name, DnsType.TXT, 1, DnsData.Text("x"))],
            Additional = [new(query.Question.Name, DnsType.TXT, 1, DnsData.Text("y"))],
        }));
        Assert.Empty((await Ask(step.AnswerAsync, "www.")).Additional);
    }

    [Theory]
    [InlineData("a.example. 60 IN A 10.0.0.1")]
    [InlineData("a.example. 60 IN TXT \"two words\" \"three\"")]
    [InlineData("_x._tcp.a.example. 5 IN SRV 1 2 3 b.example.")]
    [InlineData("a.example. 60 IN MX 10 b.example.")]
    [InlineData("a.example. 60 IN SOA b. c. 1 2 3 4 5")]
    [InlineData("a.example. 60 IN AAAA fd00::1")]
    public void A_record_s_line_reads_back_as_it_is_printed(string line)
    {
        Assert.True(DnsRecordText.TryParse(line, out var record, out var error), error);
        Assert.Equal(line, record.ToString());
    }

    [Theory]
    [InlineData("a.example. A", "a record is a name")]
    [InlineData("a.example. 60 IN A fd00::1", "is no data of a record of type A")]
    [InlineData("a.example. 60 IN NONSENSE x", "'NONSENSE' is not a type")]
    public void What_is_no_record_is_said(string line, string problem)
    {
        Assert.False(DnsRecordText.TryParse(line, out _, out var error));
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    /// <param name="whole">Null: the template and what is behind it.</param>
    private static DnsHandler Template(string text, DnsHandler next, DnsHandler? whole = null)
    {
        TemplateStep step = null!;
        step = new(Settings<TemplateSettings>(text)[0], [], whole ?? ((query, cancel) => step.AnswerAsync(query, cancel)), next);
        return step.AnswerAsync;
    }
}
