using System.Net;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Accounts;

namespace Causeway.Lab.Tests.ApiServer;

public sealed class ServiceAccountTests
{
    private const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
    private const string Pods = "/api/v1/namespaces/default/pods";

    private static readonly AccountOptions Options = new(AccountOptions.NewKey(), "the authority");

    [Fact]
    public async Task A_token_opens_the_server_for_as_long_as_its_account_and_its_pod_exist()
    {
        await using var server = await StartAsync();
        var uid = (string)(await server.PostAsync(Pods, Pod("p")))["metadata"]!["uid"]!;
        var bound = await TokenAsync(server, "default",
            "\"boundObjectRef\": {\"kind\": \"Pod\", \"apiVersion\": \"v1\", \"name\": \"p\", \"uid\": \"" + uid + "\"}");
        var other = await TokenAsync(server, "default", "\"audiences\": [\"vault\"]");
        await server.PostAsync(Accounts, """{"metadata": {"name": "a"}}""");
        var free = await TokenAsync(server, "a", "");
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(server, bound));
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(server, free));
        Assert.Equal(HttpStatusCode.Unauthorized, await OpenAsync(server, other));
        Assert.Equal(HttpStatusCode.Unauthorized, await OpenAsync(server, free[..^4] + "AAAA"));
        Assert.Equal(HttpStatusCode.Unauthorized, await OpenAsync(server, "a.b.c"));
        await server.DeleteAsync(Pods + "/p?gracePeriodSeconds=0");
        Assert.Equal(HttpStatusCode.Unauthorized, await OpenAsync(server, bound));
        await server.DeleteAsync(Accounts + "/a");
        await server.PostAsync(Accounts, """{"metadata": {"name": "a"}}""");
        Assert.Equal(HttpStatusCode.Unauthorized, await OpenAsync(server, free));
    }

    [Fact]
    public void Tokens_end_and_are_good_for_their_own_key_alone()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        var tokens = new AccountTokens(Options.PrivateKeyPem, "us");
        AccountClaims claims = new("ns", "a", "u", "p", "v", ["us"], now, now.AddHours(1));
        var token = tokens.Sign(claims);
        Assert.Equivalent(claims, tokens.Verify(token, now));
        Assert.Null(tokens.Verify(token, now.AddHours(1)));
        Assert.Null(tokens.Verify(token, now.AddSeconds(-1)));
        Assert.Null(new AccountTokens(AccountOptions.NewKey(), "us").Verify(token, now));
        Assert.Null(new AccountTokens(Options.PrivateKeyPem, "them").Verify(token, now));
        foreach (var bad in (string[])["", ".", "..", "a.b", "$.$.$", token + "."]) Assert.Null(tokens.Verify(bad, now));
    }

    [Fact]
    public async Task Short_lives_and_strange_pods_are_refused()
    {
        await using var server = await StartAsync();
        foreach (var seconds in (long[])[60, 5_000_000_000, long.MaxValue])
            await server.PostAsync(
                Accounts + "/default/token", $$"""{"spec": {"expirationSeconds": {{seconds}} } }""", HttpStatusCode.UnprocessableEntity);
        await server.PostAsync(Accounts + "/none/token", """{"spec": {}}""", HttpStatusCode.NotFound);
        await server.PostAsync(
            Accounts + "/default/token", """{"spec": {"boundObjectRef": {"kind": "Pod", "name": "none", "uid": "x"}}}""",
            HttpStatusCode.Conflict);
        var error = await server.PostAsync(
            Pods, """{"metadata": {"name": "p"}, "spec": {"serviceAccountName": "none", "containers": [{"name": "c", "image": "i"}]}}""",
            HttpStatusCode.Forbidden);
        Assert.Equal(
            "pods \"p\" is forbidden: error looking up service account default/none: serviceaccount \"none\" not found",
            (string?)error["message"]);
    }

    [Fact]
    public async Task Pods_are_given_a_volume_with_their_token_unless_somebody_objects()
    {
        await using var server = await StartAsync();
        var pod = await server.PostAsync(Pods, Pod("p"));
        var volume = pod["spec"]!["volumes"]![0]!;
        Assert.StartsWith("kube-api-access-", (string?)volume["name"]);
        Assert.Equal(
            ["serviceAccountToken", "configMap", "downwardAPI"],
            volume["projected"]!["sources"]!.AsArray().Select(s => s!.AsObject().First().Key));
        Assert.Equal(420, (int?)volume["projected"]!["defaultMode"]);
        var mount = pod["spec"]!["containers"]![0]!["volumeMounts"]![0]!;
        Assert.Equal((string?)volume["name"], (string?)mount["name"]);
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount", (string?)mount["mountPath"]);
        var without = await server.PostAsync(Pods, Pod("q", "\"automountServiceAccountToken\": false,"));
        Assert.Null(without["spec"]!["volumes"]);
        await server.PostAsync(Accounts, """{"metadata": {"name": "a"}, "automountServiceAccountToken": false}""");
        Assert.Null((await server.PostAsync(Pods, Pod("r", "\"serviceAccountName\": \"a\",")))["spec"]!["volumes"]);
        var wanted = Pod("s", "\"serviceAccountName\": \"a\", \"automountServiceAccountToken\": true,");
        Assert.NotNull((await server.PostAsync(Pods, wanted))["spec"]!["volumes"]);
    }

    [Fact]
    public async Task What_every_cluster_has_is_there_and_comes_back()
    {
        await using var server = await StartAsync();
        var service = await server.GetAsync("/api/v1/namespaces/default/services/kubernetes");
        Assert.Equal("10.96.0.1", (string?)service["spec"]!["clusterIP"]);
        Assert.Equal(443, (int?)service["spec"]!["ports"]![0]!["port"]);
        var slice = await server.GetAsync("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes");
        Assert.Equal("172.30.0.2", (string?)slice["endpoints"]![0]!["addresses"]![0]);
        Assert.Equal(6443, (int?)slice["ports"]![0]!["port"]);
        await server.DeleteAsync("/api/v1/namespaces/default/services/kubernetes");
        await server.PostAsync("/api/v1/namespaces", """{"metadata": {"name": "fresh"}}""");
        foreach (var path in (string[])["default/services/kubernetes", "fresh/serviceaccounts/default"])
            while ((await server.Client.GetAsync("/api/v1/namespaces/" + path)).StatusCode != HttpStatusCode.OK) await Task.Delay(10);
        while ((await server.Client.GetAsync("/api/v1/namespaces/fresh/configmaps/kube-root-ca.crt")).StatusCode != HttpStatusCode.OK)
            await Task.Delay(10);
        var map = await server.GetAsync("/api/v1/namespaces/fresh/configmaps/kube-root-ca.crt");
        Assert.Equal("the authority", (string?)map["data"]!["ca.crt"]);
        Assert.StartsWith("eyJ", await server.KubectlAsync("create token default -n fresh"));
    }

    private static Task<RunningServer> StartAsync() => RunningServer.StartAsync(o => o with
    {
        Accounts = Options, Advertised = [new IPEndPoint(IpAddress.Parse("172.30.0.2").ToSystem(), 6443)],
    });

    private static string Pod(string name, string more = "") =>
        $$$"""{"metadata": {"name": "{{{name}}}"}, "spec": {{{{more}}} "containers": [{"name": "c", "image": "i"}]}}""";

    private static async Task<string> TokenAsync(RunningServer server, string account, string spec)
    {
        JsonNode answer = await server.PostAsync($"{Accounts}/{account}/token", "{\"spec\": {" + spec + "}}");
        return (string)answer["status"]!["token"]!;
    }

    private static async Task<HttpStatusCode> OpenAsync(RunningServer server, string token)
    {
        using var client = server.Anonymous(token);
        using var response = await client.GetAsync("/api/v1/nodes");
        return response.StatusCode;
    }
}
