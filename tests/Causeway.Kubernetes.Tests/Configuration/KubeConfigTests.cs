using System.Text;
using Causeway.Core;
using Causeway.Kubernetes.Configuration;
using CsCheck;

namespace Causeway.Kubernetes.Tests.Configuration;

public sealed class KubeConfigTests
{
    private const string V1 = "client.authentication.k8s.io/v1";
    private const string Skip = "insecure-skip-tls-verify: true";

    private const string Good = """
        apiVersion: v1
        kind: Config
        current-context: lab
        clusters:
        - name: lab
          cluster:
            server: https://127.0.0.1:6443
            insecure-skip-tls-verify: true
        users:
        - name: admin
          user:
            token: secret
        contexts:
        - name: lab
          context:
            cluster: lab
            user: admin
            namespace: demo
        """;

    [Fact]
    public void Current_context_gives_server_and_namespace()
    {
        var access = KubeConfig.Parse(Good, "config").Access();
        Assert.Equal(new Uri("https://127.0.0.1:6443"), access.Server);
        Assert.True(access.SkipTlsVerify);
        Assert.Equal("demo", access.Namespace);
        Assert.Equal("config, context lab", access.Source);
    }

    [Theory]
    [InlineData("https://127.0.0.1:6443", "ftp://x", "config:7: clusters[0].cluster.server: 'ftp://x'")]
    [InlineData("server: https://127.0.0.1:6443", "x: y", "config:7: clusters[0].cluster: 'server' is")]
    [InlineData("user: admin", "user: root", "config:17: contexts[0].context.user: no user is named 'root'")]
    [InlineData("token: secret", "auth-provider: {name: gcp}", "config:12: users[0].user.auth-provider")]
    [InlineData("token: secret", "exec: {command: x, apiVersion: " + V1 + "}", "none can be run")]
    [InlineData("token: secret", "exec: {command: x, apiVersion: v7}", "'v7' is not a known version")]
    [InlineData(Skip, "proxy-url: http://p", "config:8: clusters[0].cluster.proxy-url: proxies")]
    [InlineData(Skip, "certificate-authority-data: '*'", "is not base64")]
    [InlineData(Skip, "insecure-skip-tls-verify: maybe", "neither true nor false")]
    [InlineData(Skip, "certificate-authority: no.crt", "config:8: clusters[0].cluster.certificate-authority")]
    [InlineData("context: lab", "context: prod", "no context is named 'prod'; there are: lab")]
    [InlineData("kind: Config", "kind: Pod", "config:2: kind: 'Pod' is not a kubeconfig")]
    [InlineData("users:\n", "users: 7\nother:\n", "a list is expected")]
    [InlineData("clusters:", "\tclusters:", "config:3: not valid YAML")]
    public void What_is_wrong_is_named(string old, string replacement, string message)
    {
        var text = Good.Replace(old, replacement);
        Assert.NotEqual(Good, text);
        var e = Assert.Throws<InputException>(() => KubeConfig.Parse(text, "config").Access());
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void Text_that_somebody_garbled_is_refused_and_never_crashes()
    {
        Random random = new(7);
        const string letters = "{}[]:,&*!|>'\"%@`#-?\n\t \\<\0a";
        for (var round = 0; round < 3000; round++)
        {
            var text = Good.ToCharArray();
            for (var i = 0; i < 1 + round % 8; i++) text[random.Next(text.Length)] = letters[random.Next(letters.Length)];
            try
            {
                KubeConfig.Parse(new string(text), "config").Access();
            }
            catch (InputException e)
            {
                Assert.Contains("config", e.Message);
            }
        }
    }

    [Fact]
    public void Missing_file_is_named() =>
        Assert.Contains("/none/config",
            Assert.Throws<InputException>(() => KubeConfig.Load("/none/config")).Message);

    [Fact]
    public void Of_several_files_the_first_to_name_something_wins()
    {
        var directory = Directory.CreateTempSubdirectory("causeway-kubeconfig-");
        try
        {
            var (one, two) = (Path.Combine(directory.FullName, "1"), Path.Combine(directory.FullName, "2"));
            File.WriteAllText(one, "clusters: [{name: lab, cluster: {server: http://first}}]");
            File.WriteAllText(two, Good);
            Assert.Equal("first", KubeConfig.Load(one, two).Access().Server.Host);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Plugin_is_run_with_its_arguments_and_its_token_kept_until_it_expires()
    {
        const string exec = """
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: get-token
                  args: [--for, me]
                  env: [{name: A, value: b}]
            """;
        List<ExecPlugin> runs = [];
        var config = KubeConfig.Parse(Good.Replace("    token: secret", exec), "config");
        var access = config.Access(exec: (plugin, _) =>
        {
            runs.Add(plugin);
            return Task.FromResult($$"""
                {"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
                 "status":{"token":"t{{runs.Count}}","expirationTimestamp":"2999-01-01T00:00:00Z" } }
                """);
        });
        async Task<string> Header(bool renew) =>
            (await access.Credential.Header(TimeProvider.System, renew, default))!.ToString();
        Assert.Equal("Bearer t1", await Header(false));
        Assert.Equal("Bearer t1", await Header(false));
        Assert.Equal("Bearer t2", await Header(true));
        Assert.Equal(("get-token", "--for me"), (runs[0].Command, string.Join(' ', runs[0].Arguments)));
        Assert.Contains(runs[0].Environment, e => e is { Key: "A", Value: "b" });
        Assert.Contains(runs[0].Environment, e => e.Key == "KUBERNETES_EXEC_INFO" && e.Value.EndsWith("} }"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"kind":"Pod"}""")]
    [InlineData("""{"kind":"ExecCredential","status":{}}""")]
    public void Plugin_output_that_is_no_credential_is_refused(string output) =>
        Assert.Contains("'get-token'",
            Assert.Throws<InputException>(() => ExecCredentials.Decode("get-token", output)).Message);

    [Fact]
    public void Random_text_is_an_input_error_and_never_a_crash() =>
        Gen.Byte.Array[0, 60].Select(Encoding.Latin1.GetString).Sample(text =>
        {
            try
            {
                KubeConfig.Parse(text, "config").Access();
            }
            catch (InputException)
            {
                // The one way in which it may fail.
            }
        }, iter: 3000);

    [Fact]
    public void Service_account_gives_address_and_token()
    {
        var directory = Directory.CreateTempSubdirectory("causeway-kubeconfig-");
        try
        {
            string? Environment(string name) => name switch
            {
                "KUBERNETES_SERVICE_HOST" => "fd00::1",
                "KUBERNETES_SERVICE_PORT" => "443",
                _ => null,
            };
            var at = directory.FullName;
            var e = Assert.Throws<InputException>(() => InClusterConfig.Find(Environment, at));
            Assert.Contains(at, e.Message);
            Assert.Null(InClusterConfig.Find(_ => null));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
