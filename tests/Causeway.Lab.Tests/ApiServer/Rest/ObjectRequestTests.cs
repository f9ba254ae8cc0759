using System.Net;
using System.Text.Json.Nodes;

namespace Causeway.Lab.Tests.ApiServer.Rest;

public sealed class ObjectRequestTests : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Pods = "/api/v1/namespaces/default/pods";

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Only_the_token_opens_the_server()
    {
        using var nobody = _server.Anonymous();
        using var stranger = _server.Anonymous("wrong");
        foreach (var client in (HttpClient[])[nobody, stranger])
        {
            using var refused = await client.GetAsync("/api/v1/pods");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Status", (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["kind"]);
            foreach (var path in (string[])["/healthz", "/readyz", "/livez", "/version"])
                Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(path)).StatusCode);
        }
    }

    [Fact]
    public async Task An_object_is_created_once_and_gets_what_the_server_gives()
    {
        var made = await _server.PostAsync(ConfigMaps,
            """{"metadata":{"name":"a","uid":"mine"},"data":{"k":"v"}}""");
        Assert.Equal("v1/ConfigMap/default",
            $"{made["apiVersion"]}/{made["kind"]}/{made["metadata"]!["namespace"]}");
        Assert.NotEqual("mine", (string?)made["metadata"]!["uid"]);
        Assert.NotNull(made["metadata"]!["creationTimestamp"]);
        var twice = await _server.PostAsync(ConfigMaps, """{"metadata":{"name":"a"}}""",
            HttpStatusCode.Conflict);
        Assert.Equal("AlreadyExists|configmaps \"a\" already exists",
            $"{twice["reason"]}|{twice["message"]}");
        var generated = await _server.PostAsync(ConfigMaps, """{"metadata":{"generateName":"g-"}}""");
        Assert.Matches("^g-[a-z0-9]{5}$", (string?)generated["metadata"]!["name"]);
    }

    [Theory]
    [InlineData(ConfigMaps, """{"metadata":{"name":"Big"}}""", 422,
        "a lowercase RFC 1123 subdomain must consist of")]
    [InlineData(ConfigMaps, """{"metadata":{}}""", 422, "name or generateName is required")]
    [InlineData(ConfigMaps, """{"metadata":{"name":"a","labels":{"x":"-"}}}""", 422,
        "metadata.labels: Invalid value")]
    [InlineData(ConfigMaps, """{"metadata":{"name":"a","namespace":"other"}}""", 400,
        "does not match the namespace")]
    [InlineData(ConfigMaps, """{"kind":"Pod","metadata":{"name":"a"}}""", 400,
        "cannot be handled as a ConfigMap")]
    [InlineData(ConfigMaps, """{"apiVersion":"v2","metadata":{"name":"a"}}""", 400,
        "does not match the expected API version")]
    [InlineData(ConfigMaps, """{"metadata":{"name":"a","resourceVersion":"1"}}""", 400, "should not be set")]
    [InlineData(ConfigMaps, """{"metadata":""", 400, "JSON")]
    [InlineData(ConfigMaps, "", 400, "body")]
    [InlineData("/api/v1/namespaces/absent/configmaps", """{"metadata":{"name":"a"}}""", 404,
        "namespaces \"absent\" not found")]
    [InlineData(Pods, """{"metadata":{"name":"a"},"spec":{"containers":[]}}""", 422,
        "spec.containers: Required value")]
    [InlineData(Pods, """{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}""", 422,
        "spec.containers[0].image: Required value")]
    [InlineData("/api/v1/things", "{}", 404, "could not find the requested resource")]
    public async Task Bad_input_gets_a_status_that_says_what_is_wrong(string path, string body, int code,
        string message)
    {
        var status = await _server.PostAsync(path, body, (HttpStatusCode)code);
        Assert.Equal("Status", (string?)status["kind"]);
        Assert.Contains(message, (string?)status["message"]);
    }

    [Fact]
    public async Task An_update_needs_the_latest_version_and_an_equal_one_changes_nothing()
    {
        var first = await _server.PostAsync(ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"1"}}""");
        var second = await _server.PutAsync($"{ConfigMaps}/a", first.ToJsonString().Replace("\"1\"",
            "\"2\""));
        Assert.NotEqual(Revision(first), Revision(second));
        var stale = await _server.PutAsync($"{ConfigMaps}/a", first.ToJsonString(), HttpStatusCode.Conflict);
        Assert.Contains("the object has been modified", (string?)stale["message"]);
        Assert.Equal(Revision(second), Revision(await _server.PutAsync($"{ConfigMaps}/a",
            second.ToJsonString())));
    }

    [Fact]
    public async Task Pages_of_one_list_are_of_one_moment()
    {
        for (var i = 0; i < 5; i++) await _server.PostAsync(ConfigMaps,
            $$$"""{"metadata":{"name":"m{{{i}}}"}}""");
        var first = await _server.GetAsync($"{ConfigMaps}?limit=2");
        Assert.Equal(3, (int)first["metadata"]!["remainingItemCount"]!);
        await _server.DeleteAsync($"{ConfigMaps}/m4");
        await _server.PostAsync(ConfigMaps, """{"metadata":{"name":"m3x"}}""");
        var token = (string?)first["metadata"]!["continue"];
        var rest = await _server.GetAsync($"{ConfigMaps}?continue={token}");
        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], Names(first).Concat(Names(rest)));
        Assert.Equal(Revision(first), Revision(rest));
        await _server.RestartAsync();
        var expired = await _server.GetAsync($"{ConfigMaps}?continue={token}", HttpStatusCode.Gone);
        Assert.Equal("Expired", (string?)expired["reason"]);
    }

    [Fact]
    public async Task Lists_can_be_narrowed_by_labels_and_fields()
    {
        await CreatePodAsync("one", """{"app":"web"}""");
        await CreatePodAsync("two", """{"app":"db"}""");
        await _server.PostAsync($"{Pods}/one/binding", """{"target":{"kind":"Node","name":"n1"}}""");
        Assert.Equal(["one"], Names(await _server.GetAsync("/api/v1/pods?labelSelector=app%20in%20(web,x)")));
        Assert.Equal(["one"], Names(await _server.GetAsync("/api/v1/pods?fieldSelector=spec.nodeName%3Dn1")));
        Assert.Equal(["two"], Names(await _server.GetAsync("/api/v1/pods?fieldSelector=spec.nodeName%21%3Dn1,status.phase%3DPending")));
        await _server.GetAsync("/api/v1/pods?fieldSelector=spec.color%3Dred", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_pod_is_bound_once_runs_and_goes_when_its_kubelet_lets_it()
    {
        var made = await CreatePodAsync("p", "{}");
        Assert.Equal("Pending Always ClusterFirst 30", string.Join(' ', made["status"]!["phase"],
            made["spec"]!["restartPolicy"], made["spec"]!["dnsPolicy"],
                made["spec"]!["terminationGracePeriodSeconds"]));
        await _server.PostAsync(
            $"{Pods}/p/binding", """{"metadata":{"uid":"of-one-before"},"target":{"name":"n1"}}""", HttpStatusCode.Conflict);
        await _server.PostAsync($"{Pods}/p/binding", """{"target":{"name":"n1"}}""");
        await _server.PostAsync($"{Pods}/p/binding", """{"target":{"name":"n2"}}""", HttpStatusCode.Conflict);
        var bound = await _server.GetAsync($"{Pods}/p");
        Assert.Equal("PodScheduled", (string?)bound["status"]!["conditions"]![0]!["type"]);
        var running = bound.DeepClone();
        running["status"]!["phase"] = "Running";
        running["spec"]!["nodeName"] = "ignored here";
        running = await _server.PutAsync($"{Pods}/p/status", running.ToJsonString());
        Assert.Equal("Running n1", $"{running["status"]!["phase"]} {running["spec"]!["nodeName"]}");
        var moved = running.DeepClone();
        moved["spec"]!["nodeName"] = "n2";
        await _server.PutAsync($"{Pods}/p", moved.ToJsonString(), HttpStatusCode.UnprocessableEntity);
        var going = await _server.DeleteAsync($"{Pods}/p");
        Assert.Equal(30, (int)going["metadata"]!["deletionGracePeriodSeconds"]!);
        await _server.DeleteAsync($"{Pods}/p", """{"gracePeriodSeconds":0,"preconditions":{"uid":"x"}}""",
            HttpStatusCode.Conflict);
        await _server.DeleteAsync($"{Pods}/p", """{"gracePeriodSeconds":0}""");
        await _server.GetAsync($"{Pods}/p", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Finalizers_hold_an_object_until_the_last_is_taken_away()
    {
        await _server.PostAsync(ConfigMaps, """{"metadata":{"name":"a","finalizers":["x.io/hold"]}}""");
        var held = await _server.DeleteAsync($"{ConfigMaps}/a");
        Assert.NotNull(held["metadata"]!["deletionTimestamp"]);
        await _server.PatchAsync($"{ConfigMaps}/a", "application/json-patch+json",
            """[{"op":"remove","path":"/metadata/finalizers/0"}]""");
        await _server.GetAsync($"{ConfigMaps}/a", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Patches_of_every_kind_are_understood_and_a_dry_run_keeps_nothing()
    {
        await CreatePodAsync("p", """{"a":"1"}""");
        var merged = await _server.PatchAsync($"{Pods}/p", "application/merge-patch+json",
            """{"metadata":{"labels":{"a":null,"b":"2"}}}""");
        Assert.Equal("""{"b":"2"}""", merged["metadata"]!["labels"]!.ToJsonString());
        var strategic = await _server.PatchAsync($"{Pods}/p", "application/strategic-merge-patch+json",
            """{"spec":{"containers":[{"name":"c","image":"new:2"}]}}""");
        Assert.Equal("new:2", (string?)Assert.Single(strategic["spec"]!["containers"]!.AsArray())!["image"]);
        var dry = await _server.PatchAsync($"{Pods}/p?dryRun=All", "application/merge-patch+json",
            """{"metadata":{"labels":{"b":"3"}}}""");
        Assert.Equal("3", (string?)dry["metadata"]!["labels"]!["b"]);
        Assert.Equal("2", (string?)(await _server.GetAsync($"{Pods}/p"))["metadata"]!["labels"]!["b"]);
        await _server.PatchAsync($"{Pods}/p", "text/plain", "{}", HttpStatusCode.UnsupportedMediaType);
        await _server.PatchAsync($"{Pods}/absent", "application/merge-patch+json", "{}",
            HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Server_side_apply_tells_whose_field_it_would_take()
    {
        const string apply = "application/apply-patch+yaml";
        var body = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1"}}""";
        await _server.PatchAsync($"{ConfigMaps}/a?fieldManager=one", apply, body, HttpStatusCode.Created);
        await _server.PatchAsync($"{ConfigMaps}/a?fieldManager=one", apply, body);
        var other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: '2'}\n";
        var conflict = await _server.PatchAsync($"{ConfigMaps}/a?fieldManager=two", apply, other,
            HttpStatusCode.Conflict);
        Assert.Contains(".data.k", (string?)conflict["message"]);
        var forced = await _server.PatchAsync($"{ConfigMaps}/a?fieldManager=two&force=true", apply, other);
        Assert.Equal("2", (string?)forced["data"]!["k"]);
    }

    [Fact]
    public async Task Unknown_fields_are_refused_told_or_dropped_as_asked()
    {
        const string body = """{"metadata":{"name":"a"},"color":"red"}""";
        var strict = await _server.PostAsync($"{ConfigMaps}?fieldValidation=Strict", body,
            HttpStatusCode.BadRequest);
        Assert.Contains("unknown field \"color\"", (string?)strict["message"]);
        using var warned = await _server.Client.PostAsync(ConfigMaps, new StringContent(body, null,
            "application/json"));
        Assert.Contains(warned.Headers.GetValues("Warning"), w => w.Contains("unknown field"));
        Assert.DoesNotContain("red", await warned.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_collection_is_deleted_as_selected()
    {
        await _server.PostAsync(ConfigMaps, """{"metadata":{"name":"a","labels":{"x":"1"}}}""");
        await _server.PostAsync(ConfigMaps, """{"metadata":{"name":"b"}}""");
        await _server.DeleteAsync($"{ConfigMaps}?labelSelector=x");
        Assert.Equal(["b"], Names(await _server.GetAsync(ConfigMaps)));
    }

    [Fact]
    public async Task A_full_store_answers_507_and_goes_on_reading()
    {
        await using var small = await RunningServer.StartAsync(o => o with { StoreLimit = 200 << 10 });
        var text = new string('x', 60_000);
        var code = HttpStatusCode.Created;
        for (var i = 0; i < 10 && code == HttpStatusCode.Created; i++)
        {
            using var answer = await small.Client.PostAsync(ConfigMaps, new StringContent(
                $$$"""{"metadata":{"name":"m{{{i}}}"},"data":{"k":"{{{text}}}"}}""", null,
                    "application/json"));
            code = answer.StatusCode;
        }
        Assert.Equal(HttpStatusCode.InsufficientStorage, code);
        Assert.NotEmpty(Names(await small.GetAsync(ConfigMaps)));
    }

    private Task<JsonNode> CreatePodAsync(string name, string labels) => _server.PostAsync(Pods, $$$"""
        {"metadata":{"name":"{{{name}}}","labels":{{{labels}}}},"spec":{"containers":[{"name":"c","image":"busybox"}]}}
        """);

    private static string? Revision(JsonNode node) => (string?)node["metadata"]!["resourceVersion"];

    private static IEnumerable<string?> Names(JsonNode list) =>
        list["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]);
}
