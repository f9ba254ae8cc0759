using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Tests.Naming.Configuration;

public sealed class CorefileTests
{
    private static readonly ConfigEnvironment Environment = new(
        name => name == "UPSTREAM" ? "192.0.2.53" : null,
        file => file switch
        {
            "/etc/resolv.conf" => "nameserver 192.0.2.1\nnameserver fd00::1\n",
            "/etc/more" => "more.example {\n whoami\n}\n",
            _ => null,
        });

    [Fact]
    public void The_Corefile_of_kubeadm_is_taken_as_it_is()
    {
        var server = Assert.Single(Read(DnsConfiguration.DefaultText).Servers);
        Assert.Equal([new ServerKey(DnsName.Root, DnsTransport.Udp, 53)], server.Keys);
        var kubernetes = server.Find<KubernetesSettings>()!;
        Assert.Equal(["cluster.local.", "in-addr.arpa.", "ip6.arpa."], kubernetes.Zones.Select(z => z.ToString()));
        Assert.Equal((PodNames.Insecure, 30u), (kubernetes.Pods, kubernetes.Ttl));
        Assert.True(kubernetes.Fallthrough.Covers(DnsName.Parse("1.0.0.10.in-addr.arpa")));
        Assert.False(kubernetes.Fallthrough.Covers(DnsName.Parse("x.cluster.local")));
        var forward = server.Find<ForwardSettings>()!;
        Assert.Equal(["192.0.2.1:53", "[fd00::1]:53"], forward.To.Select(t => t.ToString()));
        Assert.Equal(1000u, forward.MaxConcurrent);
        Assert.Equal(new CacheLimits(9984, 30, 5), server.Find<CacheSettings>()!.Success);
        Assert.Equal(TimeSpan.FromSeconds(5), server.Find<HealthSettings>()!.LameDuck);
        Assert.Equal("*:9153", server.Find<PrometheusSettings>()!.Address);
    }

    [Fact]
    public void Plugins_stand_in_the_order_that_queries_meet_them()
    {
        var server = Assert.Single(Read("example.org {\n forward . 192.0.2.1\n cache\n hosts {\n 192.0.2.9 a.example.org\n }\n}").Servers);
        Assert.Equal(
            [typeof(CacheSettings), typeof(HostsSettings), typeof(ForwardSettings)], server.Plugins.Select(p => p.GetType()));
        Assert.Equal(["192.0.2.9 a.example.org"], server.Find<HostsSettings>()!.Lines);
    }

    [Theory]
    [InlineData("10.96.0.0/12", "96.10.in-addr.arpa.", 16)]
    [InlineData("10.0.0.0/8", "10.in-addr.arpa.", 1)]
    [InlineData("fd00::/8", "d.f.ip6.arpa.", 1)]
    public void A_prefix_stands_for_the_zones_of_its_names(string prefix, string first, int count)
    {
        var keys = Assert.Single(Read($"{prefix}:5353 {{\n whoami\n}}".Replace("whoami", "loop", StringComparison.Ordinal)).Servers).Keys;
        Assert.Equal(count, keys.Length);
        Assert.Equal((first, (ushort)5353), (keys[0].Zone.ToString(), keys[0].Port));
    }

    [Fact]
    public void Snippets_variables_and_lists_of_zones_are_put_in()
    {
        var servers = Read("""
            (common) {
                errors   # a comment
                cache 10
            }
            a.example, b.example,
            tls://c.example {
                import common
                tls a.crt a.key
                forward . {$UPSTREAM}:5300 tls://192.0.2.54 {
                    policy sequential
                    tls_servername "dns.example"
                }
            }
            """).Servers;
        var server = Assert.Single(servers);
        Assert.Equal(3, server.Keys.Length);
        Assert.Equal((DnsTransport.Tls, (ushort)853), (server.Keys[2].Transport, server.Keys[2].Port));
        Assert.NotNull(server.Find<CacheSettings>());
        var forward = server.Find<ForwardSettings>()!;
        Assert.Equal(["192.0.2.53:5300", "tls://192.0.2.54:853"], forward.To.Select(t => t.ToString()));
        Assert.Equal((UpstreamPolicy.Sequential, "dns.example"), (forward.Policy, forward.TlsServerName));
    }

    [Theory]
    [InlineData(". {\n kubernets cluster.local\n}", "2:2", "did you mean kubernetes?")]
    [InlineData(". {\n cache 30\n", "1:3", "not closed")]
    [InlineData(". {\n forward . nowhere\n}", "2:12", "'nowhere' is neither an address nor a file")]
    [InlineData(". {\n forward . /no/file\n}", "2:12", "/no/file cannot be read")]
    [InlineData(". {\n kubernetes cluster.local {\n  ttl 9999\n }\n}", "3:7", "not a number in 0..3600")]
    [InlineData(". {\n kubernetes cluster.local {\n  pods maybe\n }\n}", "3:8", "none of disabled, insecure, verified")]
    [InlineData(". {\n reload soon\n}", "2:9", "not a duration")]
    [InlineData(". {\n loop\n}\n.:53 {\n loop\n}", "4:1", "served already")]
    [InlineData(". {\n loop\n loop\n}", "3:2", "stands twice")]
    [InlineData("a..b {\n loop\n}", "1:1", "empty label")]
    [InlineData(". {\n import nothing\n}", "2:9", "neither a snippet")]
    [InlineData(". {\n forward . {$NOTHING}\n}", "2:12", "no environment variable NOTHING")]
    [InlineData(". {\n rewrite name regex ((( b\n}", "2:21", "not a regular expression")]
    [InlineData("https://. {\n loop\n}", "1:1", "not served here")]
    [InlineData(". {\n loop\n}\nloop", "4:1", "a block in braces is missing")]
    [InlineData("", "1:1", "no server")]
    [InlineData(". {\n loop\n}\ntls://a.example {\n loop\n}", "4:1", "'tls://a.example' needs 'tls CERTIFICATE KEY'")]
    [InlineData(". {\n autopath @kubernetes\n}", "2:2", "needs the plugin kubernetes in the same server")]
    [InlineData("tls://. {\n tls a b {\n  client_auth maybe\n }\n}", "3:15", "none of nocert, request, require")]
    [InlineData("tls://. {\n tls a\n}", "2:2", "takes the files of a certificate and of its key")]
    [InlineData(". {\n ready {\n  monitor sometimes\n }\n}", "3:11", "none of until-ready, continuously")]
    [InlineData(". {\n template IN A {\n  upstream 192.0.2.1\n }\n}", "3:12", "asked of this server itself")]
    [InlineData(". {\n template XX A\n}", "2:11", "none of IN, CH, HS, ANY")]
    public void An_error_says_where_it_stands_and_what_is_known(string text, string where, string what)
    {
        var problems = DnsConfiguration.Read("Corefile", text, Environment).Problems;
        Assert.Contains(problems, p => p.ToString().StartsWith($"Corefile:{where}: ", StringComparison.Ordinal)
            && p.Message.Contains(what, StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_over_TLS_may_ask_its_clients_who_they_are()
    {
        var server = Assert.Single(Read("tls://. {\n tls a.crt a.key ca.crt {\n  client_auth require_and_verify\n }\n loop\n}").Servers);
        var tls = server.Find<TlsSettings>()!;
        Assert.Equal(("a.crt", "a.key", "ca.crt", ClientCertificates.RequireAndVerify), (tls.Certificate, tls.Key, tls.Authority, tls.Clients));
    }

    [Fact]
    public void All_errors_are_told_at_once() => Assert.Equal(
        3, DnsConfiguration.Read("Corefile", ". {\n nothing\n cache x..y\n reload 0s\n}", Environment).Problems.Length);

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        Random random = new(7);
        string[] words = [".", "{", "}", "\"", "import", "kubernetes", "forward", "cache", "\n", "{$", "(a)", "a", ",", "#", "10.0.0.0/7", "rewrite", "template", "IN", "acl", "hosts", "1", "::1"];
        for (var i = 0; i < 5000; i++)
        {
            var text = string.Join(random.Next(2) == 0 ? " " : "", Enumerable.Range(0, random.Next(30)).Select(_ => words[random.Next(words.Length)]));
            DnsConfiguration.Read("Corefile", text, Environment);
        }
    }

    private static DnsConfiguration Read(string text)
    {
        var (configuration, problems) = DnsConfiguration.Read("Corefile", text, Environment);
        Assert.Empty(problems);
        return configuration;
    }
}
