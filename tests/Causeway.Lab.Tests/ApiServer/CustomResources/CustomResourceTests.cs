using System.Net;
using System.Text.Json.Nodes;

namespace Causeway.Lab.Tests.ApiServer.CustomResources;

public sealed class CustomResourceTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Boats = "/apis/harbour.dev/v1/namespaces/default/boats";

    private const string Boat = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"boats.harbour.dev"},
         "spec":{"group":"harbour.dev","scope":"Namespaced","names":{"kind":"Boat","plural":"boats","shortNames":["bt"]},
          "versions":[{"name":"v1","served":true,"storage":true,
            "subresources":{"status":{},"scale":{"specReplicasPath":".spec.crew","statusReplicasPath":".status.crew"}},
            "additionalPrinterColumns":[{"name":"Crew","type":"integer","jsonPath":".spec.crew"},
              {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}],
            "schema":{"openAPIV3Schema":{"type":"object","properties":{
              "spec":{"type":"object","required":["hull"],"properties":{
                "hull":{"type":"string","enum":["wood","steel"]},"crew":{"type":"integer","minimum":0,"default":3}}},
              "status":{"type":"object","properties":{"crew":{"type":"integer"}}}}}}},
           {"name":"v1beta1","served":true,"storage":false,
            "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
        """;

    [Fact]
    public async Task A_definition_is_in_force_for_the_next_request()
    {
        await using var server = await RunningServer.StartAsync();
        var made = await server.PostAsync(Definitions, Boat);
        Assert.Contains(made["status"]!["conditions"]!.AsArray(),
            c => (string?)c!["type"] == "Established" && (string?)c["status"] == "True");
        var group = await server.GetAsync("/apis/harbour.dev");
        Assert.Equal("v1", (string?)group["preferredVersion"]!["version"]);
        var boat = await server.PostAsync(Boats,
            """{"metadata":{"name":"a"},"spec":{"hull":"wood","paint":"red"},"status":{"crew":9}}""");
        Assert.Equal("""{"hull":"wood","crew":3}""", boat["spec"]!.ToJsonString());
        Assert.Null(boat["status"]);
        var invalid = await server.PostAsync(Boats,
            """{"metadata":{"name":"b"},"spec":{"hull":"tin","crew":-1}}""",
            HttpStatusCode.UnprocessableEntity);
        Assert.Contains("spec.hull", (string?)invalid["message"]);
        var older = await server.GetAsync(Boats.Replace("/v1/", "/v1beta1/") + "/a");
        Assert.Equal("harbour.dev/v1beta1 wood", $"{older["apiVersion"]} {older["spec"]!["hull"]}");
    }

    [Fact]
    public async Task Generation_counts_changes_of_the_spec_and_status_is_apart()
    {
        await using var server = await RunningServer.StartAsync();
        await server.PostAsync(Definitions, Boat);
        await server.PostAsync(Boats, """{"metadata":{"name":"a"},"spec":{"hull":"wood"}}""");
        const string merge = "application/merge-patch+json";
        var labelled = await server.PatchAsync($"{Boats}/a", merge,
            """{"metadata":{"labels":{"x":"1"}},"status":{"crew":1}}""");
        Assert.Equal(1, (int)labelled["metadata"]!["generation"]!);
        Assert.Null(labelled["status"]);
        var reported = await server.PatchAsync($"{Boats}/a/status", merge,
            """{"status":{"crew":1},"spec":{"hull":"steel"}}""");
        Assert.Equal("1 wood 1", $"{reported["status"]!["crew"]} {reported["spec"]!["hull"]} {reported["metadata"]!["generation"]}");
        var scale = await server.PatchAsync($"{Boats}/a/scale", merge, """{"spec":{"replicas":7}}""");
        Assert.Equal("Scale 7 1", $"{scale["kind"]} {scale["spec"]!["replicas"]} {scale["status"]!["replicas"]}");
        var scaled = await server.GetAsync($"{Boats}/a");
        Assert.Equal("7 2", $"{scaled["spec"]!["crew"]} {scaled["metadata"]!["generation"]}");
    }

    [Fact]
    public async Task A_definition_that_goes_takes_its_objects_with_it()
    {
        await using var server = await RunningServer.StartAsync();
        await server.KubectlAsync("apply -f -", Boat);
        await server.KubectlAsync("wait --for=condition=Established crd/boats.harbour.dev --timeout=60s");
        await server.KubectlAsync("apply -f -",
            """{"apiVersion":"harbour.dev/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"hull":"wood"}}""");
        Assert.Matches(@"NAME\s+CREW\s+AGE\s+a\s+3\s+\d+s", await server.KubectlAsync("get bt"));
        Assert.Contains("hull", await server.KubectlAsync("explain boat.spec"));
        await server.KubectlAsync("delete crd boats.harbour.dev --timeout=30s");
        await server.GetAsync(Boats, HttpStatusCode.NotFound);
        await server.PostAsync(Definitions, Boat);
        Assert.Empty((await server.GetAsync(Boats))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_definition_with_faults_is_refused_by_field()
    {
        await using var server = await RunningServer.StartAsync();
        var wrong = JsonNode.Parse(Boat)!;
        wrong["metadata"]!["name"] = "ships.harbour.dev";
        var status = await server.PostAsync(Definitions, wrong.ToJsonString(),
            HttpStatusCode.UnprocessableEntity);
        Assert.Contains("metadata.name", (string?)status["message"]);
    }
}
