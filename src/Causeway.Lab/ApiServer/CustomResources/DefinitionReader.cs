using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.CustomResources;

/// <summary>From CustomResourceDefinitions to the resources that they define.</summary>
public static class DefinitionReader
{
    /// <summary>The built-in resources and those of the established definitions.</summary>
    public static ResourceCatalog Catalog(IEnumerable<StoredObject> definitions)
    {
        List<JsonObject> established =
            [.. definitions.Select(d => d.Parse()).Where(d => Conditions.IsTrue(d, "Established"))];
        return new(established.SelectMany(Types), SchemaRegistry.BuiltIn.With(established));
    }

    /// <summary>One per served version, in order of preference.</summary>
    public static IEnumerable<ResourceType> Types(JsonObject definition)
    {
        var versions = definition.Items("spec", "versions").OfType<JsonObject>().ToList();
        var order = VersionOrder.Sort(versions.Select(v => v.Text("name")!)).ToList();
        return versions.Where(v => v.Flag("served"))
            .OrderBy(v => order.IndexOf(v.Text("name")!))
            .Select(v => ToType(definition, v, versions.First(s => s.Flag("storage")).Text("name")!));
    }

    private static ResourceType ToType(JsonObject definition, JsonObject version, string storageVersion)
    {
        var group = definition.Text("spec", "group")!;
        var names = definition.At("spec", "names");
        var kind = names.Text("kind")!;
        var plural = names.Text("plural")!;
        return new()
        {
            Group = group, Version = version.Text("name")!, Kind = kind, Plural = plural,
            Singular = names.Text("singular") ?? kind.ToLowerInvariant(),
            Namespaced = definition.Text("spec", "scope") == "Namespaced",
            ShortNames = [.. names.Texts("shortNames")],
            Categories = [.. names.Texts("categories")],
            HasStatus = version.Object("subresources", "status") is not null,
            Scale = version.Object("subresources", "scale") is { } scale ? ToScale(scale) : null,
            StorageApiVersion = $"{group}/{storageVersion}",
            StorageKey = $"{group}/{plural}",
            Custom = new($"{plural}.{group}", version.At("additionalPrinterColumns") as JsonArray),
        };
    }

    private static ScalePaths ToScale(JsonObject scale)
    {
        static string[] Path(string? text) => (text ?? "").Split('.', StringSplitOptions.RemoveEmptyEntries);
        var selector = Path(scale.Text("labelSelectorPath"));
        return new(Path(scale.Text("specReplicasPath")), Path(scale.Text("statusReplicasPath")),
            selector.Length == 0 ? null : selector);
    }
}
