using Causeway.Core.Cluster;
using Causeway.Core.Cluster.Crds;
using YamlDotNet.RepresentationModel;

namespace Causeway.Core.Tests.Cluster.Crds;

public sealed class CustomResourcesTests
{
    [Fact]
    public void Every_kind_of_ours_has_its_definition()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(CustomResources.Manifests()));
        ApiResource[] ours = [ApiResources.IpPools, ApiResources.IpamBlocks, ApiResources.BlockAffinities];
        Assert.Equal(ours.Length, stream.Documents.Count);
        foreach (var (resource, document) in ours.Zip(stream.Documents))
        {
            var root = document.RootNode;
            Assert.Equal($"{resource.Plural}.{resource.Group}", Text(root, "metadata", "name"));
            Assert.Equal(resource.Group, Text(root, "spec", "group"));
            Assert.Equal("Cluster", Text(root, "spec", "scope"));
            Assert.Equal(resource.Kind, Text(root, "spec", "names", "kind"));
            Assert.Equal(resource.Plural, Text(root, "spec", "names", "plural"));
            var version = (YamlMappingNode)((YamlSequenceNode)root["spec"]["versions"])[0];
            Assert.Equal(resource.Version, Text(version, "name"));
            Assert.Equal("object", Text(version, "schema", "openAPIV3Schema", "type"));
        }
    }

    private static string Text(YamlNode node, params string[] path) =>
        ((YamlScalarNode)path.Aggregate(node, (n, key) => n[key])).Value!;
}
