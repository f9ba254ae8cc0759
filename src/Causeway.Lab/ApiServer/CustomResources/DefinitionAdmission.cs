using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.CustomResources;

/// <summary>What happens to a CustomResourceDefinition on its way into the store.</summary>
internal static class DefinitionAdmission
{
    /// <summary>Holds a definition back until its objects are gone.</summary>
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public static void Default(JsonObject definition)
    {
        if (definition["spec"] is not JsonObject spec) return;
        if (spec["names"] is JsonObject names && names.Text("kind") is { } kind)
        {
            names.Default("singular", kind.ToLowerInvariant());
            names.Default("listKind", kind + "List");
        }
        spec.Default("conversion", new JsonObject { ["strategy"] = "None" });
    }

    /// <param name="old">Null on creation.</param>
    public static IEnumerable<FieldError> Validate(JsonObject definition, JsonObject? old)
    {
        foreach (var error in CustomResourceSchema.Check(definition)) yield return error;
        if (definition.Text("spec", "conversion", "strategy") is "Webhook")
        {
            yield return FieldError.NotSupported("spec.conversion.strategy", "Webhook", ["None"]);
        }
        if (old is null) yield break;
        foreach (var path in (string[][])[["spec", "group"], ["spec", "scope"], ["spec", "names", "kind"],
            ["spec", "names", "plural"]])
        {
            if (!JsonNode.DeepEquals(old.At(path), definition.At(path)))
                yield return FieldError.Invalid(string.Join('.', path), definition.At(path),
                    "field is immutable");
        }
        var versions = definition.Items("spec", "versions").Select(v => v.Text("name")).ToHashSet();
        foreach (var stored in old.Texts("status", "storedVersions").Where(v => !versions.Contains(v)))
        {
            yield return FieldError.Invalid("status.storedVersions", stored,
                "must appear in spec.versions: objects are kept in this version");
        }
    }

    /// <summary>Accepts the names, or says which definition has them already, and fills in the
    /// status.</summary>
    /// <param name="all">The definitions in the store.</param>
    public static void Establish(JsonObject definition, Collection all, string now)
    {
        var name = definition.Text("metadata", "name");
        var taken = all.List(null).Where(d => d.Key.Name != name).Select(d => d.Parse())
            .FirstOrDefault(other => Clash(definition, other));
        if (definition["metadata"] is JsonObject metadata && metadata["deletionTimestamp"] is null
            && !metadata.Texts("finalizers").Contains(CleanupFinalizer))
        {
            if (metadata["finalizers"] is not JsonArray list) metadata["finalizers"] = list = [];
            list.Add((JsonNode)CleanupFinalizer);
        }
        var status = definition.Ensure("status");
        var storage = definition.Items("spec", "versions").First(v => v.Flag("storage")).Text("name")!;
        if (status["storedVersions"] is not JsonArray stored) status["storedVersions"] = stored = [];
        if (!stored.Any(v => v.Text() == storage)) stored.Add((JsonNode)storage);
        if (taken is not null)
        {
            var message = $"the kind, plural or a short name is in use by {taken.Text("metadata", "name")}";
            Conditions.Set(definition, "NamesAccepted", false, "NamesConflict", message, now);
            if (Conditions.Find(definition, "Established") is null)
            {
                Conditions.Set(definition, "Established", false, "NotAccepted",
                    "not all names are accepted", now);
            }
            status.Default("acceptedNames", new JsonObject { ["kind"] = "", ["plural"] = "" });
            return;
        }
        status["acceptedNames"] = definition.At("spec", "names")!.DeepClone();
        Conditions.Set(definition, "NamesAccepted", true, "NoConflicts", "no conflicts found", now);
        Conditions.Set(definition, "Established", true, "InitialNamesAccepted",
            "the initial names have been accepted", now);
    }

    private static bool Clash(JsonObject one, JsonObject other)
    {
        if (one.Text("spec", "group") != other.Text("spec", "group")) return false;
        var mine = Names(one);
        return one.Text("spec", "names", "kind") == other.Text("spec", "names", "kind")
            || Names(other).Any(mine.Contains);
    }

    private static HashSet<string> Names(JsonObject definition) =>
    [
        definition.Text("spec", "names", "plural") ?? "", definition.Text("spec", "names", "singular") ?? "",
        .. definition.Texts("spec", "names", "shortNames"),
    ];
}
