using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.Tests.ApiServer.Schema;

public sealed class BuiltInSchemasTests
{
    [Fact]
    public void Every_type_parses_and_every_reference_leads_somewhere()
    {
        HashSet<string> seen = [];
        foreach (var name in BuiltInSchemas.Kinds.Values) Follow(BuiltInSchemas.Reference(name), seen);
        Assert.True(seen.Count > 300);
    }

    [Fact]
    public void List_keys_name_fields_of_the_elements()
    {
        HashSet<string> seen = [];
        foreach (var name in BuiltInSchemas.Kinds.Values) Follow(BuiltInSchemas.Reference(name), seen);
        foreach (var (path, list) in seen.SelectMany(n => BuiltInSchemas.Definition(n).Properties
            .Where(p => p.Value.Items is not null).Select(p => (n + "." + p.Key, p.Value))))
        {
            var fields = list.Items!.Properties;
            Assert.All(list.ListKeys, key => Assert.True(fields.ContainsKey(key), path));
            if (list.PatchKey.Length > 0) Assert.True(fields.ContainsKey(list.PatchKey), path);
            if (list.ListKind == ListKind.Set) Assert.NotEqual(SchemaType.Object, list.Items.Type);
        }
    }

    [Fact]
    public void Containers_merge_by_name_and_service_ports_by_port_and_protocol()
    {
        var containers = Shapes.Pod.Root.Properties["spec"].Properties["containers"];
        Assert.Equal(["name"], containers.ListKeys);
        Assert.Equal("name", containers.PatchKey);
        Assert.Contains("containers", Shapes.Pod.Root.Properties["spec"].Required);
        var ports = Shapes.Service.Root.Properties["spec"].Properties["ports"];
        Assert.Equal(["port", "protocol"], ports.ListKeys);
        Assert.Equal("port", ports.PatchKey);
    }

    [Fact]
    public void Kinds_have_the_names_under_which_kubernetes_publishes_them()
    {
        Assert.Equal("io.k8s.api.apps.v1.Deployment", Shapes.Deployment.DefinitionName);
        Assert.Equal("io.k8s.api.core.v1.Event", Shapes.Of("v1", "Event").DefinitionName);
        Assert.Equal("io.k8s.api.events.v1.Event", Shapes.Of("events.k8s.io/v1", "Event").DefinitionName);
        Assert.Equal("io.k8s.api.core.v1.PodTemplateSpec",
            Shapes.Deployment.Root.Properties["spec"].Properties["template"].Reference);
        Assert.NotNull(SchemaRegistry.BuiltIn.Find(new("apps", "v1", "DeleteOptions")));
        Assert.Null(SchemaRegistry.BuiltIn.Find(new("apps", "v1", "Pod")));
    }

    [Theory]
    [InlineData("v1", "Namespace")]
    [InlineData("v1", "Binding")]
    [InlineData("policy/v1", "Eviction")]
    [InlineData("autoscaling/v1", "Scale")]
    [InlineData("discovery.k8s.io/v1", "EndpointSlice")]
    [InlineData("apiextensions.k8s.io/v1", "CustomResourceDefinition")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole")]
    [InlineData("coordination.k8s.io/v1", "Lease")]
    public void The_kinds_a_lab_serves_are_there(string apiVersion, string kind) =>
        Assert.Contains("metadata", Shapes.Of(apiVersion, kind).Root.Properties.Keys);

    private static void Follow(SchemaNode node, HashSet<string> seen)
    {
        if (node.Items is { } items) Follow(items, seen);
        if (node.Values is { } values) Follow(values, seen);
        if (node.Reference is not { } name || !seen.Add(name)) return;
        foreach (var field in BuiltInSchemas.Definition(name).Properties.Values) Follow(field, seen);
    }
}
