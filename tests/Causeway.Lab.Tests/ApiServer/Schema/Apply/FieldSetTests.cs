using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Schema.Apply;
using CsCheck;

namespace Causeway.Lab.Tests.ApiServer.Schema.Apply;

public sealed class FieldSetTests
{
    private static readonly Gen<FieldSet> Sets = Gen.OneOf("f:a", "f:b", "k:{\"name\":\"x\"}", "v:1").Array[1, 4]
        .Array[0, 8].Select(paths =>
        {
            var set = new FieldSet();
            foreach (var path in paths)
            {
                var node = set;
                foreach (var element in path) node = node.Enter(element);
                node.IsMember = true;
            }
            return set;
        });

    private static HashSet<string> Members(FieldSet set) => [.. set.Paths()];

    [Fact]
    public void Sets_behave_as_sets_of_paths() => Gen.Select(Sets, Sets).Sample((a, b) =>
    {
        Assert.Equal(Members(a).Union(Members(b)).Order(), Members(a.Union(b)).Order());
        Assert.Equal(Members(a).Intersect(Members(b)).Order(), Members(a.Intersect(b)).Order());
        Assert.Equal(Members(a).Except(Members(b)).Order(), Members(a.Except(b)).Order());
        Assert.True(a.Except(a).IsEmpty);
        Assert.Equal(Members(a).SetEquals(Members(b)), a.SameAs(b));
    });

    [Fact]
    public void Json_and_back_is_the_same_set() =>
        Sets.Sample(set => Assert.True(FieldSet.FromJson(set.ToJson())!.SameAs(set)));

    [Fact]
    public void Paths_read_as_messages_show_them()
    {
        var set = FieldSet.FromJson(JsonNode.Parse("""
            {"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{}}}},"f:set":{"v:\"x\"":{}}}
            """))!;
        Assert.Equal([".set[=\"x\"]", ".spec.ports[port=80,protocol=\"TCP\"]", ".spec.ports[port=80,protocol=\"TCP\"].name"],
            set.Paths());
    }

    [Theory]
    [InlineData("""{"spec":{}}""")]
    [InlineData("""{"f:spec":1}""")]
    [InlineData("[]")]
    public void What_is_no_field_set_is_refused(string json) =>
        Assert.Null(FieldSet.FromJson(JsonNode.Parse(json)));
}
