using System.Text;

namespace Causeway.Core.Cluster.Crds;

/// <summary>
/// The CustomResourceDefinitions of Causeway's own kinds (<c>apiextensions.k8s.io/v1</c>, structural
/// schemas), as the YAML files beside this one hold them. Good for API servers from 1.29 on.
/// </summary>
public static class CustomResources
{
    /// <summary>Plural names, in the order in which they are printed.</summary>
    public static readonly IReadOnlyList<string> Names = ["ippools", "ipamblocks", "blockaffinities"];

    /// <summary>The manifest of one, by its plural name.</summary>
    public static string Manifest(string plural)
    {
        var file = $"crds/{plural}.yaml";
        using var stream = typeof(CustomResources).Assembly.GetManifestResourceStream(file)
            ?? throw new ArgumentException(
                $"no CustomResourceDefinition is named '{plural}'", nameof(plural));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>All of them as one stream of YAML documents, for <c>kubectl apply -f -</c>.</summary>
    public static string Manifests() => string.Join("---\n", Names.Select(Manifest));
}
