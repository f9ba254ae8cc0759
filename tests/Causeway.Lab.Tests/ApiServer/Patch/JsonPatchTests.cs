using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Patch;

namespace Causeway.Lab.Tests.ApiServer.Patch;

public sealed class JsonPatchTests
{
    // The cases of RFC 6902 appendix A, in this project's own words.
    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [InlineData("""{"l":[1,3]}""", """[{"op":"add","path":"/l/1","value":2}]""", """{"l":[1,2,3]}""")]
    [InlineData("""{"l":[1]}""", """[{"op":"add","path":"/l/-","value":[2]}]""", """{"l":[1,[2]]}""")]
    [InlineData("""{"a":1,"b":2}""", """[{"op":"remove","path":"/b"}]""", """{"a":1}""")]
    [InlineData("""{"l":[1,2,3]}""", """[{"op":"remove","path":"/l/1"}]""", """{"l":[1,3]}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"/a","value":null}]""", """{"a":null}""")]
    [InlineData("""{"a":{"x":1},"b":{}}""", """[{"op":"move","from":"/a/x","path":"/b/y"}]""",
        """{"a":{},"b":{"y":1}}""")]
    [InlineData("""{"l":[1,2,3]}""", """[{"op":"move","from":"/l/0","path":"/l/2"}]""", """{"l":[2,3,1]}""")]
    [InlineData("""{"a":{"x":1}}""", """[{"op":"copy","from":"/a","path":"/b"}]""",
        """{"a":{"x":1},"b":{"x":1}}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"test","path":"/a~1b","value":1},{"op":"remove","path":"/m~0n"}]""", """{"a/b":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"z":0}}]""", """{"z":0}""")]
    public void Operations_do_what_the_standard_says(string target, string patch, string expected)
    {
        var result = JsonPatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch)!.AsArray());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), result?.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""")]
    [InlineData("""[{"op":"remove","path":"/b"}]""")]
    [InlineData("""[{"op":"replace","path":"/b","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/b/c","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/l/5","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/l/01","value":1}]""")]
    [InlineData("""[{"op":"add","path":"a","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/b"}]""")]
    [InlineData("""[{"op":"move","from":"/l","path":"/l/0"}]""")]
    [InlineData("""[{"op":"jump","path":"/a"}]""")]
    [InlineData("""[null]""")]
    public void What_cannot_be_done_is_told_and_nothing_changes(string patch)
    {
        var target = JsonNode.Parse("""{"a":1,"l":[1,2]}""");
        var before = target!.ToJsonString();
        Assert.Contains("operation 0", Assert.Throws<PatchException>(
            () => JsonPatch.Apply(target, JsonNode.Parse(patch)!.AsArray())).Message);
        Assert.Equal(before, target.ToJsonString());
    }

    [Fact]
    public void A_merge_patch_removes_merges_and_replaces()
    {
        var result = MergePatch.Apply(
            JsonNode.Parse("""{"a":{"b":1,"c":2},"l":[1,2],"x":1}"""),
            JsonNode.Parse("""{"a":{"b":null,"d":{"e":null,"f":1}},"l":[3],"y":"z"}"""));
        Assert.Equal("""{"a":{"c":2,"d":{"f":1}},"l":[3],"x":1,"y":"z"}""", result!.ToJsonString());
    }
}
