using System.Runtime.CompilerServices;
using Causeway.Core.Naming.Configuration;

namespace Causeway.Core.Tests.Naming.Configuration;

/// <summary>The YAML form means what the Corefile means.</summary>
public sealed class YamlConfigTests
{
    private static readonly ConfigEnvironment Files = new(_ => null, file => file == "/etc/resolv.conf" ? "nameserver 192.0.2.1\n" : null);

    [Fact]
    public void The_document_s_example_means_what_its_Corefile_means()
    {
        var document = File.ReadAllText(Path.Combine(Root(), "docs", "dns.md"));
        string Block(string language) => document.Split($"```{language}\n")[1].Split("```")[0];
        Assert.Equal(Meaning("Corefile", Block("corefile")), Meaning("dns.yaml", Block("yaml")));
    }

    [Fact]
    public void Every_kind_of_plugin_can_be_said()
    {
        const string yaml = """
            servers:
            - zones: [example.org, example.net]
              port: 1053
              plugins:
                bind: {addresses: [127.0.0.1, "::1"]}
                acl: {rules: [allow net 10.0.0.0/8, block net *]}
                rewrite:
                - name suffix .old .new answer auto
                - continue name exact a.example.org b.example.org
                template: {type: A, zones: example.org, match: "^x[.]", answer: ["{{ .Name }} 60 IN A 192.0.2.1", "{{ .Name }} 60 IN A 192.0.2.2"]}
                hosts: {entries: [192.0.2.9 www.example.org], ttl: 60, fallthrough: true, no_reverse: false}
                autopath: {search: "@kubernetes"}
                kubernetes: {zones: example.org, pods: verified}
                cache: {ttl: 30, serve_stale: 1h verify}
                loadbalance: true
                transfer: {to: [192.0.2.0/24]}
                any:
            """;
        const string corefile = """
            example.org:1053 example.net:1053 {
                bind 127.0.0.1 ::1
                acl {
                    allow net 10.0.0.0/8
                    block net *
                }
                rewrite name suffix .old .new answer auto
                rewrite continue name exact a.example.org b.example.org
                template IN A example.org {
                    match ^x[.]
                    answer "{{ .Name }} 60 IN A 192.0.2.1"
                    answer "{{ .Name }} 60 IN A 192.0.2.2"
                }
                hosts {
                    192.0.2.9 www.example.org
                    ttl 60
                    fallthrough
                }
                autopath @kubernetes
                kubernetes example.org {
                    pods verified
                }
                cache 30 {
                    serve_stale 1h verify
                }
                loadbalance
                transfer {
                    to 192.0.2.0/24
                }
                any
            }
            """;
        Assert.Equal(Meaning("Corefile", corefile), Meaning("dns.yaml", yaml));
    }

    [Theory]
    [InlineData("servers:\n- plugins:\n    chace: 30\n", "dns.yaml:3:5: there is no plugin 'chace'; did you mean cache?")]
    [InlineData("servers:\n- plugins:\n    cache: {prefetch: many}\n", "dns.yaml:3:23: cache: prefetch: 'many' is not a number")]
    [InlineData("servers:\n- zone: [a]\n", "dns.yaml:2:3: 'zone' is not zones, port, or a mapping of plugins")]
    [InlineData("server: []\n", "dns.yaml:1:1: 'server' is unknown here")]
    [InlineData("servers: [\n", "not valid YAML")]
    [InlineData("- a\n", "one mapping is expected")]
    [InlineData("servers: []\n", "no server is configured")]
    public void An_error_is_told_with_its_place(string yaml, string problem)
    {
        var (_, problems) = DnsConfiguration.Read("dns.yaml", yaml, Files);
        Assert.Contains(problem, problems[0].ToString(), StringComparison.Ordinal);
    }

    /// <summary>All but where it stands.</summary>
    private static string Meaning(string file, string text)
    {
        var (configuration, problems) = DnsConfiguration.Read(file, text, Files);
        Assert.Empty(problems);
        return string.Join('\n', configuration.Servers.Select(server =>
            string.Join(' ', server.Keys) + "\n" + string.Join('\n', server.Plugins.Select(plugin => Text(plugin with { At = default })))));
    }

    private static string Text(PluginSettings plugin) => plugin switch
    {
        AclSettings acl => string.Join(';', acl.Rules.Select(r => $"{r.Action} {string.Join(',', r.Types)} {string.Join(',', r.Networks)}")),
        BindSettings bind => string.Join(' ', bind.Addresses),
        KubernetesSettings k => $"{string.Join(' ', k.Zones)} {k.Pods} {k.Ttl} {k.Fallthrough.On} {string.Join(' ', k.Fallthrough.Zones)}",
        ForwardSettings f => $"{f.From} {string.Join(' ', f.To)} {f.MaxConcurrent} {f.Policy}",
        HostsSettings h => $"{h.File} {string.Join('|', h.Lines)} {h.Ttl} {h.Fallthrough.On} {h.NoReverse}",
        TransferSettings t => string.Join(' ', t.To),
        TemplateSettings t => $"{t.Type} {string.Join(' ', t.Zones)} {string.Join(' ', t.Matches)} {t.Answers.Length}",
        CacheSettings c => $"{c.Success} {c.Denial} {c.ServeStale} {c.ServeStaleVerify}",
        RewriteSettings r => $"{r.Continues} {r.Match} {r.From} {r.To} {r.AnswersBack}",
        _ => plugin.ToString(),
    };

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", ".."));
}
