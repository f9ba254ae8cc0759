using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.Tests.ApiServer.Schema;

/// <summary>Objects and schemas that the tests of this folder share.</summary>
internal static class Shapes
{
    public const string PoolDefinition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"ippools.causeway.dev"},
         "spec":{"group":"causeway.dev","scope":"Cluster","names":{"plural":"ippools","kind":"IPPool"},
          "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
           "required":["spec"],"properties":{"spec":{"type":"object","required":["cidr"],
            "x-kubernetes-validations":[{"rule":"self.cidr == oldSelf.cidr"}],
            "properties":{
             "cidr":{"type":"string","format":"cidr"},
             "blockSize":{"type":"integer","format":"int32","minimum":20,"maximum":128},
             "encapsulation":{"type":"string","enum":["None","VXLAN"],"default":"VXLAN"},
             "name":{"type":"string","pattern":"^[a-z]+$","minLength":2,"maxLength":5},
             "port":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
             "nodes":{"type":"array","x-kubernetes-list-type":"set","maxItems":3,"items":{"type":"string"}},
             "peers":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
              "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},
               "as":{"type":"integer"}}}},
             "note":{"type":"string","nullable":true},
             "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
             "since":{"type":"string","format":"date-time"},
             "limits":{"type":"object","additionalProperties":{"type":"integer"}}}}}}}}]}}
        """;

    public static readonly ObjectSchema Deployment = Of("apps/v1", "Deployment");
    public static readonly ObjectSchema Pod = Of("v1", "Pod");
    public static readonly ObjectSchema Service = Of("v1", "Service");

    public static readonly ObjectSchema Pool = SchemaRegistry.BuiltIn.With([Json(PoolDefinition)])
        .Find(new GroupVersionKind("causeway.dev", "v1", "IPPool"))!;

    public static ObjectSchema Of(string apiVersion, string kind) =>
        SchemaRegistry.BuiltIn.Find(GroupVersionKind.Of(apiVersion, kind))!;

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    public static void Same(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\ngot {actual?.ToJsonString()}");
}
