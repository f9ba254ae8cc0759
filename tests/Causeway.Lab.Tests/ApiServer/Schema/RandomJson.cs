using System.Text.Json.Nodes;
using CsCheck;

namespace Causeway.Lab.Tests.ApiServer.Schema;

/// <summary>JSON whose fields often have names that the schemas know, with values of any type.</summary>
internal static class RandomJson
{
    private static readonly string[] Names =
        ["metadata", "spec", "status", "labels", "name", "containers", "template", "ports", "replicas", "cidr", "x",
         "nodes", "peers", "env", "$patch", "$retainKeys", "$setElementOrder/containers",
         "$deleteFromPrimitiveList/finalizers", "finalizers"];

    public static readonly Gen<JsonObject> Object = Gen.Int.Array[0, 40].Select(Build);

    private static JsonObject Build(int[] seeds)
    {
        var root = new JsonObject();
        List<JsonNode> places = [root];
        foreach (var seed in seeds.Select(s => (uint)s))
        {
            JsonNode? value = (seed % 7) switch
            {
                0 or 1 or 2 => new JsonObject(),
                3 => new JsonArray(),
                4 => JsonValue.Create("delete"),
                5 => JsonValue.Create(seed % 100),
                _ => null,
            };
            var place = places[(int)(seed / 7 % places.Count)];
            if (place is JsonObject obj) obj[Names[(int)(seed / 700 % Names.Length)]] = value;
            else place.AsArray().Add(value);
            if (value is JsonObject or JsonArray) places.Add(value);
        }
        return root;
    }
}
