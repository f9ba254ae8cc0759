using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Schema.Apply;
using CsCheck;

namespace Causeway.Lab.Tests.ApiServer.Schema.Apply;

public sealed class ServerSideApplyTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private const string Config = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"app":"web"}},
         "spec":{"replicas":2,"template":{"spec":{"containers":[
          {"name":"a","image":"1","ports":[{"containerPort":80}]},{"name":"b","image":"1"}]}}}}
        """;

    private static ApplyResult Try(
        JsonObject? live, string configuration, string manager = "one", bool force = false, int hours = 0) =>
        ServerSideApply.Apply(new(Shapes.Deployment, live, Shapes.Json(configuration), manager, force,
            Start.AddHours(hours)));

    private static JsonObject Apply(
        JsonObject? live, string configuration, string manager = "one", bool force = false, int hours = 0) =>
        Try(live, configuration, manager, force, hours).Object!;

    private static JsonObject Update(JsonObject live, Action<JsonObject> change, string manager = "editor")
    {
        var updated = live.DeepClone().AsObject();
        change(updated);
        return ServerSideApply.Track(new(Shapes.Deployment, live, updated, manager, Start));
    }

    private static JsonNode? FieldsOf(JsonObject obj, string manager) => obj["metadata"]!["managedFields"]?.AsArray()
        .FirstOrDefault(e => e!["manager"]!.ToString() == manager)?["fieldsV1"];

    [Fact]
    public void The_first_apply_owns_what_it_says()
    {
        var entry = Apply(null, Config)["metadata"]!["managedFields"]!.AsArray().Single();
        Shapes.Same("""
            {"manager":"one","operation":"Apply","apiVersion":"apps/v1","time":"2026-01-02T03:04:05Z",
             "fieldsType":"FieldsV1","fieldsV1":{
              "f:metadata":{"f:labels":{"f:app":{}}},
              "f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{
               "k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:name":{},
                "f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}},
               "k:{\"name\":\"b\"}":{".":{},"f:image":{},"f:name":{}}}}}}}}
            """, entry);
    }

    [Fact]
    public void Applying_the_same_twice_changes_nothing()
    {
        var live = Apply(null, Config);
        var again = Try(live, Config, hours: 1);
        Assert.False(again.Changed);
        Assert.True(JsonNode.DeepEquals(live, again.Object));
    }

    [Fact]
    public void Another_manager_with_another_value_conflicts()
    {
        var live = Apply(null, Config);
        var result = Try(live, """{"spec":{"replicas":3}}""", "two");
        Assert.Null(result.Object);
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .spec.replicas", result.ConflictMessage);
        Shapes.Same("""[{"reason":"FieldManagerConflict","message":"conflict with \"one\"","field":".spec.replicas"}]""",
            result.Causes);
    }

    [Fact]
    public void Conflicts_with_an_update_name_its_api_version_and_each_field()
    {
        var live = Update(Apply(null, Config), o =>
        {
            o["spec"]!["replicas"] = 5;
            o["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "9";
        });
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"editor\" using apps/v1:\n- .spec.replicas\n"
            + "- .spec.template.spec.containers[name=\"a\"].image", Try(live, Config).ConflictMessage);
    }

    [Fact]
    public void Force_takes_the_field_over()
    {
        var live = Apply(Apply(null, Config), """{"spec":{"replicas":3}}""", "two", force: true);
        Assert.Equal(3, (int)live["spec"]!["replicas"]!);
        Assert.Null(FieldsOf(live, "one")!["f:spec"]!["f:replicas"]);
        Shapes.Same("""{"f:spec":{"f:replicas":{}}}""", FieldsOf(live, "two"));
    }

    [Fact]
    public void Two_managers_with_the_same_value_share_the_field()
    {
        var live = Apply(Apply(null, Config), """{"spec":{"replicas":2}}""", "two");
        Assert.NotNull(FieldsOf(live, "one")!["f:spec"]!["f:replicas"]);
        Assert.NotNull(FieldsOf(live, "two")!["f:spec"]!["f:replicas"]);
        var after = Apply(live, Config.Replace("\"replicas\":2,", ""));
        Assert.Equal(2, (int)after["spec"]!["replicas"]!);
        after = Apply(after, """{"metadata":{"name":"web"}}""", "two");
        Assert.Null(after["spec"]!["replicas"]);
        Assert.Null(FieldsOf(after, "two"));
    }

    [Fact]
    public void What_is_no_longer_applied_goes_when_nobody_else_owns_it()
    {
        var live = Apply(null, Config);
        // A default that nobody owns goes with the element it stands in.
        live["spec"]!["template"]!["spec"]!["containers"]![1]!["imagePullPolicy"] = "Always";
        var after = Apply(live, Config.Replace(""",{"name":"b","image":"1"}""", ""));
        Shapes.Same("""[{"name":"a","image":"1","ports":[{"containerPort":80}]}]""",
            after["spec"]!["template"]!["spec"]!["containers"]);
    }

    [Fact]
    public void Labels_of_others_survive_a_changed_configuration()
    {
        var live = Update(Apply(null, Config), o => o["metadata"]!["labels"]!["team"] = "net");
        var after = Apply(live, Config.Replace("\"labels\":{\"app\":\"web\"}", "\"labels\":{\"tier\":\"front\"}"));
        Shapes.Same("""{"team":"net","tier":"front"}""", after["metadata"]!["labels"]);
        Shapes.Same("""{"f:metadata":{"f:labels":{"f:team":{}}}}""", FieldsOf(after, "editor"));
    }

    [Fact]
    public void An_applied_list_keeps_its_order_and_the_elements_of_others()
    {
        var live = Update(Apply(null, Config), o => o["spec"]!["template"]!["spec"]!["containers"]!.AsArray()
            .Insert(1, new JsonObject { ["name"] = "side", ["image"] = "s" }));
        var after = Apply(live, Config.Replace("\"name\":\"b\"", "\"name\":\"c\""));
        Assert.Equal(["a", "side", "c"], after["spec"]!["template"]!["spec"]!["containers"]!.AsArray()
            .Select(c => c!["name"]!.ToString()));
    }

    [Fact]
    public void An_update_takes_what_it_changes_and_gives_up_what_it_removes()
    {
        var live = Update(Apply(null, Config), o =>
        {
            o["spec"]!["replicas"] = 7;
            o["spec"]!["paused"] = true;
        });
        Shapes.Same("""{"f:spec":{"f:paused":{},"f:replicas":{}}}""", FieldsOf(live, "editor"));
        live = Update(live, o => o["spec"]!.AsObject().Remove("paused"), "another");
        Shapes.Same("""{"f:spec":{"f:replicas":{}}}""", FieldsOf(live, "editor"));
        Assert.Null(FieldsOf(live, "another"));
    }

    [Fact]
    public void A_created_object_belongs_to_its_creator()
    {
        var created = ServerSideApply.Track(new(Shapes.Deployment, null, Shapes.Json(Config), "kubectl-create", Start));
        Shapes.Same("""{".":{},"f:app":{}}""", FieldsOf(created, "kubectl-create")!["f:metadata"]!["f:labels"]);
        Assert.Equal("Update", created["metadata"]!["managedFields"]![0]!["operation"]!.ToString());
    }

    [Fact]
    public void Status_and_the_rest_are_owned_apart()
    {
        var live = Apply(null, Config);
        var status = ServerSideApply.Apply(new(Shapes.Deployment, live,
            Shapes.Json("""{"metadata":{"name":"web","labels":{"x":"y"}},"spec":{"replicas":9},"status":{"replicas":2}}"""),
            "one", false, Start) { Subresource = "status" }).Object!;
        Assert.Equal(2, (int)status["spec"]!["replicas"]!);
        Assert.Equal(2, (int)status["status"]!["replicas"]!);
        var entries = status["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal(["", "status"], entries.Select(e => e!["subresource"]?.ToString() ?? ""));
        // The main resource's apply does not speak for the status.
        Assert.Equal(2, (int)Apply(status, Config)["status"]!["replicas"]!);
    }

    [Fact]
    public void An_empty_entry_clears_ownership()
    {
        var live = Update(Apply(null, Config),
            o => o["metadata"]!["managedFields"] = new JsonArray(new JsonObject()));
        Assert.Null(live["metadata"]!["managedFields"]);
        // Then the fields belong to nobody in particular, and applying the same values still works.
        Assert.NotNull(Try(live, Config).Object);
        Assert.Contains("before-first-apply", Try(live, """{"spec":{"replicas":9}}""").ConflictMessage);
    }

    [Fact]
    public void Custom_resources_merge_sets_keyed_lists_and_free_objects()
    {
        JsonObject? live = null;
        foreach (var (manager, text) in new[]
        {
            ("one", """{"spec":{"nodes":["a"],"peers":[{"name":"x","as":1}],"free":{"k":{"p":1}}}}"""),
            ("two", """{"spec":{"nodes":["b"],"peers":[{"name":"y"}],"free":{"k":{"q":2}}}}"""),
            ("one", """{"spec":{"nodes":["c"],"free":{"k":{"r":3}}}}"""),
        })
            live = ServerSideApply.Apply(new(Shapes.Pool, live, Shapes.Json(text), manager, false, Start)).Object;
        Shapes.Same("""{"nodes":["b","c"],"peers":[{"name":"y"}],"free":{"k":{"q":2,"r":3}}}""", live!["spec"]);
    }

    [Theory]
    [InlineData("kubectl-edit", "x/1", "kubectl-edit")]
    [InlineData(null, "kubectl/v1.32.4 (linux/amd64)", "kubectl")]
    [InlineData("", null, "unknown")]
    public void The_manager_comes_from_the_parameter_or_the_program(string? parameter, string? agent, string manager) =>
        Assert.Equal(manager, ServerSideApply.ManagerOf(parameter, agent));

    private static readonly Gen<string> Configurations = Gen.Select(
        Gen.Dictionary(Gen.OneOf("a", "b", "c"), Gen.Int[0, 2])[0, 3],
        Gen.Dictionary(Gen.OneOf("p", "q"), Gen.Int[0, 2])[0, 2], Gen.Int[0, 3],
        (containers, labels, replicas) => new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = "web",
                ["labels"] = new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)$"v{l.Value}"))),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["template"] = new JsonObject
                {
                    ["spec"] = new JsonObject
                    {
                        ["containers"] = new JsonArray([.. containers.Select(c =>
                            new JsonObject { ["name"] = c.Key, ["image"] = $"i{c.Value}" })]),
                    },
                },
            },
        }.ToJsonString());

    [Fact]
    public void A_lone_applier_always_gets_exactly_its_configuration() => Configurations.Array[1, 5].Sample(all =>
    {
        JsonObject? live = null;
        foreach (var configuration in all)
        {
            live = Apply(live, configuration);
            Assert.False(Try(live, configuration).Changed);
        }
        Assert.Equal(Leaves(Shapes.Json(all[^1])), Leaves(live!));
    });

    [Fact]
    public void Whatever_two_managers_do_every_applied_field_has_its_applied_value() =>
        Gen.Select(Gen.Bool, Configurations).Array[1, 6].Sample(steps =>
        {
            JsonObject? live = null;
            foreach (var (first, configuration) in steps)
            {
                live = Apply(live, configuration, first ? "one" : "two", force: true);
                Assert.Empty(Leaves(Shapes.Json(configuration)).Except(Leaves(live)));
                Assert.False(Try(live, configuration, first ? "one" : "two").Changed);
            }
        });

    // Every leaf as path=value, elements by name.
    private static SortedSet<string> Leaves(JsonObject obj)
    {
        SortedSet<string> leaves = [];
        Walk("", obj);
        return leaves;

        void Walk(string path, JsonNode? node)
        {
            if (node is JsonObject o)
                foreach (var (name, child) in o.Where(p => p.Key != "managedFields"))
                    Walk($"{path}.{name}", child);
            else if (node is JsonArray a)
                foreach (var item in a) Walk($"{path}[{item!["name"]}]", item);
            else
                leaves.Add($"{path}={node}");
        }
    }
}
