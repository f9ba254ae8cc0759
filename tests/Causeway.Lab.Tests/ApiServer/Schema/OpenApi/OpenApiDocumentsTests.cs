using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Schema.OpenApi;

namespace Causeway.Lab.Tests.ApiServer.Schema.OpenApi;

public sealed class OpenApiDocumentsTests
{
    private static readonly ServedResource[] BuiltIn =
    [
        new(new("", "v1", "Pod"), "pods", Namespaced: true, ["status", "binding", "eviction", "log"]),
        new(new("", "v1", "Node"), "nodes", Namespaced: false, ["status"]),
        new(new("apps", "v1", "Deployment"), "deployments", Namespaced: true, ["status", "scale"]),
        new(new("apiextensions.k8s.io", "v1", "CustomResourceDefinition"), "customresourcedefinitions", false, []),
    ];

    private static readonly OpenApiDocuments Documents = new(
        SchemaRegistry.BuiltIn.With([Shapes.Json(Shapes.PoolDefinition)]),
        [.. BuiltIn, new(Shapes.Pool.Kind, "ippools", Namespaced: false, ["status"])]);

    private static JsonObject Parse(OpenApiDocument? document) => JsonNode.Parse(document!.Bytes)!.AsObject();

    [Theory]
    [InlineData("api/v1")]
    [InlineData("apis/apps/v1")]
    [InlineData("apis/causeway.dev/v1")]
    [InlineData("apis/apiextensions.k8s.io/v1")]
    public void Every_reference_of_a_v3_document_leads_into_it(string path)
    {
        var document = Parse(Documents.V3(path));
        var schemas = document["components"]!["schemas"]!.AsObject();
        var references = References(document).ToHashSet();
        Assert.NotEmpty(references);
        Assert.All(references, r => Assert.True(schemas.ContainsKey(r.Split('/')[^1]), r));
    }

    [Fact]
    public void Every_reference_of_the_v2_document_leads_into_it()
    {
        var document = Parse(Documents.V2Json);
        var definitions = document["definitions"]!.AsObject();
        Assert.All(References(document).Distinct(), r => Assert.True(definitions.ContainsKey(r.Split('/')[^1]), r));
    }

    [Fact]
    public void Patches_take_field_validation_and_every_patch_type()
    {
        var patch = Parse(Documents.V3("apis/apps/v1"))["paths"]!
            ["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]!["patch"]!;
        Assert.Contains("fieldValidation", patch["parameters"]!.AsArray().Select(p => p!["name"]!.ToString()));
        Assert.Contains("application/strategic-merge-patch+json", patch["requestBody"]!["content"]!.AsObject().Select(p => p.Key));
        Shapes.Same("""{"group":"apps","version":"v1","kind":"Deployment"}""", patch["x-kubernetes-group-version-kind"]);
    }

    [Fact]
    public void Merge_keys_and_list_types_are_told()
    {
        var containers = Parse(Documents.V3("api/v1"))["components"]!["schemas"]!["io.k8s.api.core.v1.PodSpec"]!
            ["properties"]!["containers"]!;
        Assert.Equal("name", containers["x-kubernetes-patch-merge-key"]!.ToString());
        Assert.Equal("merge", containers["x-kubernetes-patch-strategy"]!.ToString());
        Assert.Equal("map", containers["x-kubernetes-list-type"]!.ToString());
        var strategy = Parse(Documents.V2Json)["definitions"]!["io.k8s.api.apps.v1.DeploymentSpec"]!
            ["properties"]!["strategy"]!;
        Shapes.Same("""
            {"$ref":"#/definitions/io.k8s.api.apps.v1.DeploymentStrategy","x-kubernetes-patch-strategy":"retainKeys"}
            """, strategy);
    }

    [Fact]
    public void A_custom_resource_keeps_its_schema()
    {
        var pool = Parse(Documents.V3("apis/causeway.dev/v1"))["components"]!["schemas"]!["dev.causeway.v1.IPPool"]!;
        Shapes.Same("""{"type":"integer","format":"int32","minimum":20,"maximum":128}""",
            pool["properties"]!["spec"]!["properties"]!["blockSize"]);
        Shapes.Same("""[{"group":"causeway.dev","version":"v1","kind":"IPPool"}]""",
            pool["x-kubernetes-group-version-kind"]);
    }

    [Fact]
    public void The_root_lists_each_group_with_a_hash_that_follows_its_content()
    {
        var more = new OpenApiDocuments(SchemaRegistry.BuiltIn.With([Shapes.Json(
            Shapes.PoolDefinition.Replace("\"minimum\":20", "\"minimum\":21"))]),
            [.. BuiltIn, new(Shapes.Pool.Kind, "ippools", Namespaced: false, ["status"])]);
        Assert.Equal(Url(Documents, "apis/apps/v1"), Url(more, "apis/apps/v1"));
        Assert.NotEqual(Url(Documents, "apis/causeway.dev/v1"), Url(more, "apis/causeway.dev/v1"));
        Assert.StartsWith("/openapi/v3/apis/causeway.dev/v1?hash=", Url(more, "apis/causeway.dev/v1"));
        Assert.Null(more.V3("apis/nowhere/v1"));
        Assert.NotEqual(Documents.V2Json.ETag, more.V2Json.ETag);
    }

    [Fact]
    public void The_protobuf_form_has_the_definitions_and_paths_of_the_json_form()
    {
        var json = Parse(Documents.V2Json);
        var message = Fields(Documents.V2Protobuf.Bytes);
        Assert.Equal("2.0", Text(message.Single(f => f.Number == 1).Bytes));
        var paths = Fields(message.Single(f => f.Number == 8).Bytes).Where(f => f.Number == 2);
        Assert.Equal(json["paths"]!.AsObject().Select(p => p.Key), paths.Select(NameOf));
        var definitions = Fields(message.Single(f => f.Number == 9).Bytes).Where(f => f.Number == 1).ToList();
        Assert.Equal(json["definitions"]!.AsObject().Select(p => p.Key), definitions.Select(NameOf));
        var pod = Fields(definitions.Single(d => NameOf(d) == "io.k8s.api.core.v1.Pod").Bytes);
        var schema = Fields(pod.Single(f => f.Number == 2).Bytes);
        var properties = Fields(schema.Single(f => f.Number == 25).Bytes);
        Assert.Equal(["apiVersion", "kind", "metadata", "spec", "status"], properties.Select(NameOf));
        var extension = Fields(schema.Single(f => f.Number == 31).Bytes);
        Assert.Equal("""[{"group":"","version":"v1","kind":"Pod"}]""",
            Text(Fields(extension.Single(f => f.Number == 2).Bytes).Single().Bytes));
    }

    private static string Url(OpenApiDocuments documents, string path) =>
        Parse(documents.V3Root)["paths"]![path]!["serverRelativeURL"]!.ToString();

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject obj => obj.SelectMany(p => p.Key == "$ref" && p.Value is JsonValue
            ? [p.Value.ToString()] : References(p.Value)),
        JsonArray array => array.SelectMany(References),
        _ => [],
    };

    private static string NameOf((int Number, byte[] Bytes) field) =>
        Text(Fields(field.Bytes).Single(f => f.Number == 1).Bytes);

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    // The length-delimited fields of one message; others are stepped over.
    private static List<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        List<(int, byte[])> fields = [];
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint();
            var length = (tag & 7) switch { 0 => 0, 1 => 8, _ => (int)Varint() };
            if ((tag & 7) == 0) Varint();
            if ((tag & 7) == 2) fields.Add(((int)(tag >> 3), message[at..(at + length)]));
            at += length;
        }
        return fields;

        ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = message[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
        }
    }
}
