using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;

namespace Causeway.Core.Tests.Trace;

/// <summary>Healthy worlds: everything arrives, both ways, and the hops tell how.</summary>
public sealed class ReachableTests
{
    public static TheoryData<Encapsulation, IpFamily, bool> Worlds()
    {
        var data = new TheoryData<Encapsulation, IpFamily, bool>();
        foreach (var encapsulation in new[] { Encapsulation.Vxlan, Encapsulation.None, Encapsulation.VxlanCrossSubnet })
            foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
                foreach (var captured in new[] { true, false })
                    data.Add(encapsulation, family, captured);
        return data;
    }

    [Theory, MemberData(nameof(Worlds))]
    public void Pods_reach_pods_on_other_nodes(Encapsulation encapsulation, IpFamily family, bool captured)
    {
        var world = PaperLab.Build(encapsulation, captured);
        var result = Tracer.Run(world, new(PaperLab.A, PaperLab.Address(PaperLab.B, family)) { ToHost = PaperLab.B });
        Expect.Reachable(result);
        Assert.Equal(encapsulation == Encapsulation.Vxlan, result.Forward.Hops.Any(h => h.Component == "fdb"));
    }

    [Theory, InlineData(IpFamily.V4), InlineData(IpFamily.V6)]
    public void Pods_reach_pods_on_their_node(IpFamily family) =>
        Expect.Reachable(Tracer.Run(PaperLab.Build(),
            new(PaperLab.A, PaperLab.Address(PaperLab.C, family)) { ToHost = PaperLab.C }));

    [Theory]
    [InlineData("192.168.1.1", "n1")]
    [InlineData("192.168.1.2", "n2")]
    [InlineData("fd00:1::1", "n1")]
    [InlineData("fd00:1::2", "n2")]
    public void Pods_reach_nodes(string address, string node) =>
        Expect.Reachable(Tracer.Run(PaperLab.Build(),
            new(PaperLab.A, IpAddress.Parse(address), TransportProtocol.Tcp, 22) { ToHost = node }));

    [Theory, InlineData("203.0.113.9"), InlineData("fd99::9")]
    public void Pods_reach_the_outside_masqueraded(string address)
    {
        var result = Tracer.Run(PaperLab.Build(), new(PaperLab.A, IpAddress.Parse(address)) { ToHost = "web" });
        Expect.Reachable(result);
        Assert.Contains(result.Forward.Hops, h => h.Node == "n1" && h.Action.StartsWith("masquerades"));
        Assert.Contains(result.Reply.Hops, h => h.Node == "n1" && h.Action.StartsWith("answers a masqueraded"));
    }

    [Theory, MemberData(nameof(Worlds))]
    public void Nodes_reach_pods(Encapsulation encapsulation, IpFamily family, bool captured)
    {
        var world = PaperLab.Build(encapsulation, captured);
        foreach (var pod in new[] { PaperLab.A, PaperLab.B })
            Expect.Reachable(Tracer.Run(world, new("n1", PaperLab.Address(pod, family)) { ToHost = pod }));
    }

    [Fact]
    public void What_leaves_the_captured_world_is_not_called_reachable()
    {
        var world = PaperLab.Build(captured: false);
        var result = Tracer.Run(world, new(PaperLab.A, IpAddress.Parse("203.0.113.9")));
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Assert.Equal(CauseCode.LeavesCluster, result.Cause!.Code);
        Assert.Equal("n1", result.Cause.Node);
        Assert.NotEmpty(result.Reply.Hops);
    }
}

internal static class Expect
{
    public static void Reachable(TraceResult result)
    {
        Assert.True(result.Verdict == Verdict.Reachable, $"{result.Cause}\n{Show(result)}");
        Assert.Null(result.Cause);
        Assert.NotEmpty(result.Forward.Hops);
        Assert.NotEmpty(result.Reply.Hops);
    }

    public static void Cause(TraceResult result, CauseCode code, string node, string named)
    {
        Assert.True(result.Cause?.Code == code && result.Cause.Node == node, $"{result.Cause}\n{Show(result)}");
        Assert.Contains(named, result.Cause!.Message + " " + result.Cause.Evidence);
        Assert.NotEmpty(result.Cause.Fix);
    }

    private static string Show(TraceResult result) => string.Join('\n',
        result.Forward.Hops.Select(h => $"  {h.Host} {h.Component}: {h.Action} [{h.Evidence}]")
            .Append("  reply").Concat(
        result.Reply.Hops.Select(h => $"  {h.Host} {h.Component}: {h.Action} [{h.Evidence}]")));
}
