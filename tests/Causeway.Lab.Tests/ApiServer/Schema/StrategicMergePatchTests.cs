using System.Text.Json.Nodes;
using Causeway.Core;
using Causeway.Lab.ApiServer.Schema;
using CsCheck;

namespace Causeway.Lab.Tests.ApiServer.Schema;

public sealed class StrategicMergePatchTests
{
    private static JsonObject Patch(string original, string patch, ObjectSchema? schema = null) =>
        StrategicMergePatch.Apply((schema ?? Shapes.Pod).Root, Shapes.Json(original), Shapes.Json(patch));

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}""",
        """{"spec":{"containers":[{"name":"b","image":"3"}]}}""",
        """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"3"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}""",
        """{"spec":{"containers":[{"name":"b"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"containers":[{"$patch":"replace"},{"name":"c"}]}}""",
        """{"spec":{"containers":[{"name":"c"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"w"}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"protocol":"UDP"},{"containerPort":81}]}]}}""",
        """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"w","protocol":"UDP"},{"containerPort":81}]}]}}""")]
    public void Keyed_lists_merge_by_key(string original, string patch, string result) =>
        Shapes.Same(result, Patch(original, patch));

    [Theory]
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"2"}}}""", """{"metadata":{"labels":{"a":null,"c":"3"}}}""",
        """{"metadata":{"labels":{"b":"2","c":"3"}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"replace","b":"2"}}}""",
        """{"metadata":{"labels":{"b":"2"}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"delete"}}}""",
        """{"metadata":{"labels":{}}}""")]
    [InlineData("""{"metadata":{}}""", """{"metadata":{"labels":{"a":null,"b":"1"}}}""",
        """{"metadata":{"labels":{"b":"1"}}}""")]
    public void Maps_merge_and_nulls_delete(string original, string patch, string result) =>
        Shapes.Same(result, Patch(original, patch));

    [Theory]
    [InlineData("""{"spec":{"tolerations":[{"key":"a"}]}}""", """{"spec":{"tolerations":[{"key":"b"}]}}""",
        """{"spec":{"tolerations":[{"key":"b"}]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["b","c"]}}""",
        """{"metadata":{"finalizers":["a","b","c"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""",
        """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}""", """{"metadata":{"finalizers":["b"]}}""")]
    public void Atomic_lists_are_replaced_and_sets_united(string original, string patch, string result) =>
        Shapes.Same(result, Patch(original, patch));

    [Fact]
    public void Set_element_order_orders_and_keeps_what_others_added() => Shapes.Same(
        """{"spec":{"containers":[{"name":"side"},{"name":"b","image":"2"},{"name":"a"}]}}""",
        Patch("""{"spec":{"containers":[{"name":"side"},{"name":"a"},{"name":"b"}]}}""", """
            {"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"2"}]}}
            """));

    [Fact]
    public void Set_element_order_alone_reorders() => Shapes.Same(
        """{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}""",
        Patch("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
            """{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}}"""));

    [Fact]
    public void Retain_keys_drops_the_other_keys() => Shapes.Same(
        """{"spec":{"strategy":{"type":"Recreate"}}}""",
        Patch("""{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""",
            """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""", Shapes.Deployment));

    [Theory]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""")]
    [InlineData("""{"spec":{"containers":["x"]}}""")]
    [InlineData("""{"spec":{"$patch":"explode"}}""")]
    [InlineData("""{"spec":{"$retainKeys":["a"],"hostname":"b"}}""")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a"}]}}""")]
    public void A_malformed_patch_is_refused(string patch) => Assert.Throws<InputException>(
        () => Patch("""{"spec":{"containers":[{"name":"a"}]}}""", patch));

    private static readonly Gen<JsonObject> Pods = Gen.Select(
        Gen.Dictionary(Gen.OneOf("a", "b", "c", "d"), Gen.Int[0, 3])[0, 4], Gen.OneOf("x", "y", "z").Array[0, 3],
        (containers, finalizers) => new JsonObject
        {
            ["metadata"] = new JsonObject { ["finalizers"] = Strings(finalizers.Distinct()) },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray([.. containers.Select(c =>
                    new JsonObject { ["name"] = c.Key, ["image"] = $"i{c.Value}" })]),
            },
        });

    [Fact]
    public void Applying_a_patch_twice_changes_nothing_more() => Gen.Select(Pods, Pods).Sample((original, patch) =>
    {
        var once = StrategicMergePatch.Apply(Shapes.Pod.Root, original, patch);
        var twice = StrategicMergePatch.Apply(Shapes.Pod.Root, once, patch);
        Assert.True(JsonNode.DeepEquals(once, twice), $"{original} {patch}");
    });

    [Fact]
    public void An_empty_patch_and_a_patch_by_oneself_change_nothing() => Pods.Sample(pod =>
    {
        Assert.True(JsonNode.DeepEquals(pod, StrategicMergePatch.Apply(Shapes.Pod.Root, pod, [])));
        Assert.True(JsonNode.DeepEquals(pod, StrategicMergePatch.Apply(Shapes.Pod.Root, pod, pod)));
    });

    [Fact]
    public void After_a_patch_every_patched_element_is_there_and_none_is_lost() =>
        Gen.Select(Pods, Pods).Sample((original, patch) =>
        {
            var result = StrategicMergePatch.Apply(Shapes.Pod.Root, original, patch);
            Assert.Equal(Names(original).Union(Names(patch)).Order(), Names(result).Order());
            foreach (var container in patch["spec"]!["containers"]!.AsArray())
                Assert.Contains(result["spec"]!["containers"]!.AsArray(), c => JsonNode.DeepEquals(c, container));
        });

    [Fact]
    public void Random_patches_never_do_worse_than_an_input_error() =>
        Gen.Select(RandomJson.Object, RandomJson.Object).Sample((original, patch) =>
        {
            var (before, sent) = (original.ToJsonString(), patch.ToJsonString());
            try
            {
                StrategicMergePatch.Apply(Shapes.Deployment.Root, original, patch);
            }
            catch (InputException)
            {
            }
            Assert.Equal((before, sent), (original.ToJsonString(), patch.ToJsonString()));
        });

    private static IEnumerable<string> Names(JsonObject pod) =>
        pod["spec"]!["containers"]!.AsArray().Select(c => c!["name"]!.ToString());

    private static JsonArray Strings(IEnumerable<string> texts) =>
        new([.. texts.Select(t => JsonValue.Create(t))]);
}
