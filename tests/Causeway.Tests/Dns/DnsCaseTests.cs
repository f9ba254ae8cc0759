using System.Globalization;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary>The records of the specification, by the pure core and by <c>dig</c> from the server's socket.</summary>
[Collection("lab")]
public sealed class DnsCaseTests
{
    private static readonly ZoneSettings Settings = new(DnsName.Parse("cluster.local"), 30, PodNames.Insecure);

    [Fact]
    public void The_core_answers_every_case()
    {
        foreach (var dnsCase in DnsCase.All())
        {
            NameIndex index = new(problem => Assert.Fail(problem));
            foreach (var item in dnsCase.Objects()) index.Set(item);
            ClusterZone zone = new(index, Settings, []);
            ReverseZone reverse = new(index, ReverseName.V4, Settings);
            foreach (var (text, expected) in dnsCase.Answers)
            {
                var words = text.Split(' ');
                DnsQuestion question = new(DnsName.Parse(words[0]), Enum.Parse<DnsType>(words[1]));
                var answer = question.Type == DnsType.PTR ? reverse.Answer(question) : zone.Answer(question);
                var records = answer.Answers.Select(r => r.ToString().Split(' ', 5)[4]).Order(StringComparer.Ordinal);
                Assert.Equal((text, expected), (text, answer.Answers.IsEmpty ? answer.Rcode.Word() : string.Join(", ", records)));
            }
        }
    }

    [Fact]
    public async Task Dig_gets_every_case_from_the_socket_over_udp_and_tcp()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "1", "--no-dns");
        foreach (var dnsCase in DnsCase.All())
        {
            await lab.Kubectl("default", "create", "namespace", dnsCase.Name);
            var applied = await lab.RunWith(dnsCase.Manifests, "apply", "-f", "-");
            Assert.True(applied.Succeeded, applied.Error);
        }
        await using var server = await DnsServer.StartAsync(lab, "kubernetes cluster.local in-addr.arpa {\n pods insecure\n ttl 30\n}");
        foreach (var (question, expected) in DnsCase.All().SelectMany(c => c.Answers))
            foreach (var transport in (string[])["+notcp", "+tcp"])
            {
                var answer = await server.DigAsync([transport, .. question.Split(' ')]);
                Assert.True(answer == expected, $"{question} {transport}: {answer}, not {expected}\n{server.LastOutput}\n{server.Log}");
            }
    }

    [Fact]
    public async Task Dig_gets_a_copy_of_the_zone_that_has_what_questions_get()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "1", "--no-dns");
        await lab.Kubectl("default", "create", "service", "clusterip", "web", "--tcp=80:80", "--clusterip=10.96.0.77");
        await using var server = await DnsServer.StartAsync(lab, "kubernetes cluster.local in-addr.arpa\ntransfer cluster.local {\n to 127.0.0.1\n}");
        await LabHarness.Eventually("the service has its name", async () =>
            await server.DigAsync("web.default.svc.cluster.local", "A") == "10.96.0.77");
        var copy = (await server.DigAsync("cluster.local", "AXFR")).Split(", ");
        Assert.Contains("10.96.0.77", copy);
        Assert.Equal(2, copy.Count(record => record.StartsWith("ns.dns.cluster.local. hostmaster.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Names_are_rewritten_and_made_and_a_query_that_acl_drops_gets_no_answer()
    {
        await using var lab = LabHarness.AsRoot();
        await using var server = await DnsServer.StartAsync(lab, """
            acl {
              drop type TXT
            }
            rewrite name suffix .old.example .new.example answer auto
            template IN A new.example {
              match "^ip-(\d+)[.]new[.]example[.]$"
              answer "{{ .Name }} 60 IN A 192.0.2.{{ index .Match 1 }}"
            }
            any
            """);
        Assert.Equal("192.0.2.7", await server.DigAsync("ip-7.old.example", "A"));
        Assert.Equal("\"ANY obsoleted\" \"See RFC 8482\"", await server.DigAsync("+notcp", "new.example", "ANY"));
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(500));
        Assert.Equal(0, await server.AnswersAsync("ip-7.new.example", DnsType.TXT, soon.Token));
    }

    [Fact]
    public async Task What_others_know_is_forwarded_and_remembered()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "1", "--no-dns");
        await using var upstream = await DnsServer.StartAsync(lab, "hosts {\n 192.0.2.9 www.example\n ttl 60\n}");
        await using var server = await DnsServer.StartAsync(
            lab, string.Create(CultureInfo.InvariantCulture, $"kubernetes cluster.local\nforward . 127.0.0.1:{upstream.Port}\ncache 30\nloop"));
        Assert.Equal("192.0.2.9", await server.DigAsync("www.example", "A"));
        Assert.Equal("NXDOMAIN", await server.DigAsync("other.example", "A"));
        await upstream.DisposeAsync();
        Assert.Equal("192.0.2.9", await server.DigAsync("WWW.example", "A"));
        Assert.Equal("SERVFAIL", await server.DigAsync("unknown.example", "A"));
        Assert.Equal("NXDOMAIN", await server.DigAsync("nobody.default.svc.cluster.local", "A"));
    }

    [Fact]
    public async Task A_loop_ends_forwarding_but_not_the_cluster_s_names()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "1", "--no-dns");
        var port = DnsServer.FreePort();
        await using var server = await DnsServer.StartAsync(
            lab, string.Create(CultureInfo.InvariantCulture, $"kubernetes cluster.local\nforward . 127.0.0.1:{port}\nloop"), port);
        await LabHarness.Eventually("the loop is told", () => Task.FromResult(server.Log.Contains("a loop", StringComparison.Ordinal)));
        Assert.Equal("SERVFAIL", await server.DigAsync("www.example", "A"));
        Assert.Equal("NXDOMAIN", await server.DigAsync("nobody.default.svc.cluster.local", "A"));
    }
}
