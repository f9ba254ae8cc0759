using Causeway.Lab.Objects;
using Causeway.Lab.Scheduling;
using CsCheck;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Scheduling;

public sealed class PodPlacementTests
{
    private static Placement Choose(PodObject pod, params NodeObject[] nodes) =>
        PodPlacement.Choose(pod, nodes, new PlacementCounts());

    [Fact]
    public void Spreads_by_owner_then_by_load_then_by_name()
    {
        var counts = new PlacementCounts();
        NodeObject[] nodes = [Node("n2"), Node("n1"), Node("n3")];
        counts.Set(Pod("a", node: "n1", owner: "rs1"));
        counts.Set(Pod("b", node: "n2", owner: "rs2"));
        counts.Set(Pod("c", node: "n2", owner: "rs2"));
        Assert.Equal("n3", PodPlacement.Choose(Pod("x", owner: "rs1"), nodes, counts).Node);
        counts.Set(Pod("d", node: "n3", owner: "rs1"));
        Assert.Equal("n2", PodPlacement.Choose(Pod("x", owner: "rs1"), nodes, counts).Node);
        Assert.Equal("n1", PodPlacement.Choose(Pod("x", owner: "rs2"), nodes, counts).Node);
    }

    [Fact]
    public void Says_why_in_the_form_that_people_know()
    {
        var pod = Pod("p", specJson: """{"nodeSelector":{"disk":"ssd"}}""");
        Assert.Equal(
            "0/4 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
            + "1 node(s) had untolerated taint {key: value}, "
            + "1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }, 1 node(s) were unschedulable.",
            Choose(
                pod, Node("a"), Node("b", taints: new Taint("key", "NoSchedule", "value")), Node("c", ready: false),
                Node("d", unschedulable: true)).Reason);
        Assert.Equal("0/1 nodes are available: 1 Too many pods.", Choose(Pod("p"), Node("full", pods: 0)).Reason);
        Assert.StartsWith("0/0", Choose(pod).Reason);
    }

    [Theory]
    [InlineData("""{"tolerations":[{"operator":"Exists"}]}""", true)]
    [InlineData("""{"tolerations":[{"key":"key","value":"value"}]}""", true)]
    [InlineData("""{"tolerations":[{"key":"key","value":"value","effect":"NoExecute"}]}""", false)]
    [InlineData("""{"tolerations":[{"key":"key","operator":"Exists","effect":"NoSchedule"}]}""", true)]
    [InlineData("""{"tolerations":[{"key":"other","operator":"Exists"}]}""", false)]
    public void Tolerations_open_tainted_nodes(string spec, bool fits)
    {
        var node = Node("n", taints: new Taint("key", "NoSchedule", "value"));
        Assert.Equal(fits ? "n" : null, Choose(Pod("p", specJson: spec), node).Node);
    }

    [Theory]
    [InlineData("""[{"matchFields":[{"key":"metadata.name","operator":"In","values":["n"]}]}]""", true)]
    [InlineData("""[{"matchExpressions":[{"key":"zone","operator":"In","values":["b"]}]}]""", false)]
    [InlineData(
        """[{"matchExpressions":[{"key":"zone","operator":"Exists"},{"key":"gpu","operator":"Exists"}]}]""", false)]
    [InlineData("""[{},{"matchExpressions":[{"key":"cores","operator":"Gt","values":["3"]}]}]""", true)]
    [InlineData("""[{"matchExpressions":[{"key":"gpu","operator":"DoesNotExist"}]}]""", true)]
    [InlineData("[{}]", false)]
    public void Required_node_affinity_decides(string terms, bool fits)
    {
        var spec = "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":"
            + "{\"nodeSelectorTerms\":" + terms + "}}}}";
        Assert.Equal(fits ? "n" : null, Choose(Pod("p", specJson: spec), Node("n", labels: "zone=a,cores=4")).Node);
    }

    [Fact]
    public void Replicas_differ_by_one_at_most_and_no_node_is_overfull() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 40]).Sample((nodeCount, podCount) =>
        {
            var counts = new PlacementCounts();
            var nodes = Enumerable.Range(0, nodeCount).Select(i => Node($"n{i}", pods: 5)).ToList();
            var placed = 0;
            for (var i = 0; i < podCount; i++)
            {
                var pod = Pod($"p{i}", owner: "rs");
                var placement = PodPlacement.Choose(pod, nodes, counts);
                if (placement.Node is null) continue;
                counts.Place(pod, placement.Node);
                placed++;
            }
            var loads = nodes.Select(n => counts.Pods(n.Metadata.Name)).ToList();
            Assert.Equal(Math.Min(podCount, nodeCount * 5), placed);
            Assert.True(loads.Max() - loads.Min() <= 1 && loads.Max() <= 5);
        });

    [Fact]
    public void Counts_do_not_depend_on_the_order_in_which_pods_are_told() =>
        Gen.Shuffle(Enumerable.Range(0, 12).ToArray()).Sample(order =>
        {
            var counts = new PlacementCounts();
            foreach (var i in order) counts.Set(Pod($"p{i}", node: $"n{i % 3}", owner: "rs"));
            foreach (var i in order) counts.Set(Pod($"p{i}", node: $"n{i % 3}", owner: "rs"));
            foreach (var i in order.Where(i => i % 2 == 0)) counts.Remove($"ns/p{i}");
            return counts.Pods("n0") + counts.Pods("n1") + counts.Pods("n2") == 6 && counts.PodsOf("n1", "uid-rs") == 2;
        });
}
