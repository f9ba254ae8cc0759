using System.Diagnostics;
using System.Globalization;
using Causeway.Core.Wire.Dns;
using Causeway.Tests.Lab;
using static Causeway.Tests.Dns.FakeUpstream;

namespace Causeway.Tests.Dns;

/// <summary>Upstream servers that are dead, slow, lying or brief: what a client of ours gets.</summary>
[Collection("lab")]
public sealed class ForwardingTests
{
    private const string Good = "192.0.2.80";
    private const string Forged = "192.0.2.66";

    [Fact]
    public async Task Answers_with_a_wrong_id_to_another_question_or_none_at_all_are_passed_over()
    {
        await using FakeUpstream liar = new(query =>
        [
            [1, 2, 3], Bytes(Answer(query, Forged) with { Id = (ushort)(query.Id + 1) }),
            Bytes(Answer(query with { Questions = [new(DnsName.Parse("evil.example."), DnsType.A)] }, Forged)),
            Bytes(Answer(query, Forged) with { Flags = DnsFlags.None }), Bytes(Answer(query, Good)),
        ]);
        await using var lab = LabHarness.AsRoot();
        await using var server = await Forwarding(lab, $"127.0.0.1:{liar.Port}");
        Assert.Equal(Good, await server.DigAsync("www.example", "A"));
    }

    [Fact]
    public async Task A_dead_server_is_left_out_after_its_probes_fail_and_asked_again_when_it_lives()
    {
        var lives = false;
        await using FakeUpstream first = new(query => lives ? [Bytes(Answer(query, "192.0.2.1"))] : []);
        await using FakeUpstream second = new(query => [Bytes(Answer(query, "192.0.2.2"))]);
        await using var lab = LabHarness.AsRoot();
        await using var server = await Forwarding(lab, $"127.0.0.1:{first.Port} 127.0.0.1:{second.Port}", "policy sequential");
        Assert.Equal("192.0.2.2", await server.DigAsync("a.example", "A"));
        await LabHarness.Eventually("the dead server is left out", async () =>
        {
            var begin = Stopwatch.GetTimestamp();
            Assert.Equal("192.0.2.2", await server.DigAsync("b.example", "A"));
            return Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(1);
        });
        lives = true;
        await LabHarness.Eventually("it is asked again", async () => await server.DigAsync("c.example", "A") == "192.0.2.1");
        await LabHarness.Eventually("that is told", () => Task.FromResult(
            server.Log.Contains($"127.0.0.1:{first.Port} answers again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Silence_is_told_as_a_failure_before_the_client_gives_up()
    {
        await using FakeUpstream silent = new(_ => []);
        await using var lab = LabHarness.AsRoot();
        await using var server = await Forwarding(lab, $"127.0.0.1:{silent.Port}");
        Assert.Equal("SERVFAIL", await server.DigAsync("www.example", "A"));
    }

    [Fact]
    public async Task What_is_truncated_over_UDP_is_whole_over_TCP_and_a_connection_that_ends_is_opened_again()
    {
        var turn = 0;
        await using FakeUpstream brief = new(
            query => [Bytes(query.Reply(DnsRcode.NOERROR) with { Flags = DnsFlags.Response | DnsFlags.Truncated })],
            // Every second question meets the end of the connection that the one before has used.
            query => ++turn % 2 == 0 ? null : [Bytes(Answer(query, Good))]);
        await using var lab = LabHarness.AsRoot();
        await using var server = await Forwarding(lab, $"127.0.0.1:{brief.Port}");
        for (var i = 0; i < 4; i++)
            Assert.Equal(Good, await server.DigAsync("+ignore", "+tcp", string.Create(CultureInfo.InvariantCulture, $"n{i}.example"), "A"));
        // dig asks again over TCP by itself.
        Assert.Equal(Good, await server.DigAsync("again.example", "A"));
    }

    [Fact]
    public async Task Over_TLS_a_server_is_asked_that_proves_its_name_and_no_other()
    {
        var authority = TestCertificates.Authority();
        var certificate = TestCertificates.Issue(authority, "dns.example");
        await using FakeUpstream secure = new(tcp: query => [Bytes(Answer(query, Good))], certificate: certificate);
        await using var lab = LabHarness.AsRoot();
        var file = Path.Combine(lab.Directory, "ca.pem");
        await File.WriteAllTextAsync(file, authority.ExportCertificatePem());
        await using (var server = await Forwarding(lab, $"tls://127.0.0.1:{secure.Port}", $"tls {file}\ntls_servername dns.example"))
            await LabHarness.Eventually("it answers", async () => await server.DigAsync("www.example", "A") == Good);
        var asked = secure.Asked;
        await using (var server = await Forwarding(lab, $"tls://127.0.0.1:{secure.Port}", $"tls {file}\ntls_servername other.example"))
            Assert.Equal("SERVFAIL", await server.DigAsync("www.example", "A"));
        await using (var server = await Forwarding(lab, $"tls://127.0.0.1:{secure.Port}", "tls_servername dns.example"))
            Assert.Equal("SERVFAIL", await server.DigAsync("www.example", "A"));
        Assert.Equal(asked, secure.Asked);
    }

    [Theory]
    [InlineData("round_robin", 20)]
    [InlineData("random", 1)]
    public async Task Servers_are_asked_in_turn_or_by_chance(string policy, int least)
    {
        await using FakeUpstream first = new(query => [Bytes(Answer(query, Good))]);
        await using FakeUpstream second = new(query => [Bytes(Answer(query, Good))]);
        await using FakeUpstream third = new(query => [Bytes(Answer(query, Good))]);
        await using var lab = LabHarness.AsRoot();
        await using var server = await Forwarding(
            lab, $"127.0.0.1:{first.Port} 127.0.0.1:{second.Port} 127.0.0.1:{third.Port}", $"policy {policy}");
        for (var i = 0; i < 60; i++)
            Assert.Equal(1, await server.AnswersAsync(
                string.Create(CultureInfo.InvariantCulture, $"n{i}.example"), DnsType.A, TestContext.Current.CancellationToken));
        // A few more where one was slow: the next is asked then, and probes begin.
        const int Most = 70;
        Assert.InRange(first.Asked + second.Asked + third.Asked, 60, Most);
        Assert.All((int[])[first.Asked, second.Asked, third.Asked], asked => Assert.InRange(asked, least, Most - 2 * least));
    }

    [Fact]
    public async Task Beyond_the_queries_that_may_be_forwarded_at_once_others_are_refused()
    {
        using ManualResetEventSlim answers = new();
        await using FakeUpstream slow = new(query =>
        {
            answers.Wait(TimeSpan.FromSeconds(10));
            return [Bytes(Answer(query, Good))];
        });
        await using var lab = LabHarness.AsRoot();
        await using var server = await Forwarding(lab, $"127.0.0.1:{slow.Port}", "max_concurrent 1");
        var round = 0;
        // The first one is given up after two seconds: a round that took longer tells nothing.
        await LabHarness.Eventually("the second of two at once is refused", async () =>
        {
            var (name, asked) = ($"n{++round}.example", slow.Asked);
            answers.Reset();
            var waiting = server.DigAsync("slow." + name, "A");
            await LabHarness.Eventually("one is asked", () => Task.FromResult(slow.Asked > asked));
            var next = await server.DigAsync("next." + name, "A");
            answers.Set();
            return (next, await waiting) == ("REFUSED", Good);
        });
        await LabHarness.Eventually("later ones are answered", async () => await server.DigAsync("later.example", "A") == Good);
    }

    [Fact]
    public async Task Autopath_asks_for_a_name_outside_once_for_all_clients_and_answers_the_first_question_with_it()
    {
        await using FakeUpstream outside = new(query => [Bytes(Answer(query, Good))]);
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "1", "--no-dns");
        var conf = Path.Combine(lab.Directory, "resolv.conf");
        await File.WriteAllTextAsync(conf, "search ns1.svc.cluster.local svc.cluster.local cluster.local\n");
        await using var server = await DnsServer.StartAsync(
            lab, $"kubernetes cluster.local\nautopath {conf}\ncache\nforward . 127.0.0.1:{outside.Port}");
        var round = 0;
        // Where the answer was slow it is asked for again: that round tells nothing.
        await LabHarness.Eventually("a name outside is asked for once", async () =>
        {
            var (name, asked) = ($"n{++round}.example", outside.Asked);
            for (var i = 0; i < 3; i++)
                if (await server.DigAsync(name + ".ns1.svc.cluster.local", "A") != $"{Good}, {name}.") return false;
            return await server.DigAsync(name, "A") == Good && outside.Asked == asked + 1;
        });
    }

    private static Task<DnsServer> Forwarding(LabHarness lab, string to, string options = "") =>
        DnsServer.StartAsync(lab, $"forward . {to} {{\n{options}\n}}");
}
