using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Trace;

namespace Causeway.Core.Tests.Trace;

/// <summary>Where a packet has several ways, each is followed.</summary>
public sealed class BranchTests
{
    private static TraceResult Over(params NextHop[] hops)
    {
        var world = PaperLab.Build(Causeway.Core.Cluster.Encapsulation.None);
        var route = world["n1"]!.State.All<Route>().Single(r => r.Destination.ToString() == "10.244.2.0/26");
        return Tracer.Run(
            world.Add("n1", route with { Via = null, Device = null, NextHops = [.. hops] }),
            new(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4)) { ToHost = PaperLab.B });
    }

    private static NextHop Hop(string via, int weight = 1) => new("eth0", IpAddress.Parse(via), false, weight);

    [Fact]
    public void All_ways_arrive() => Expect.Reachable(Over(Hop("192.168.1.2"), Hop("192.168.1.2", 3)));

    [Fact]
    public void One_way_that_fails_makes_it_partial()
    {
        var result = Over(Hop("192.168.1.2", 3), Hop("192.168.1.99"));
        Assert.Equal(Verdict.Partial, result.Verdict);
        Assert.Equal(2, result.Forward.Branches.Length);
        Assert.Equal(0.25, result.Forward.Branches[0].Probability, 3);
        Assert.Equal(Disposition.Stopped, result.Forward.Branches[0].Disposition);
        Assert.Equal(1, result.Forward.Branches.Sum(b => b.Probability), 3);
    }

    [Fact]
    public void Two_machines_with_one_address_make_it_partial()
    {
        var world = PaperLab.Build(Causeway.Core.Cluster.Encapsulation.None);
        world = world.Add("router", new LinkAddress { Device = "eth0", Address = InterfaceAddress.Parse("192.168.1.2/24") });
        var result = Tracer.Run(world, new(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4)) { ToHost = PaperLab.B });
        Assert.Equal(2, result.Forward.Branches.Length);
        Assert.NotEqual(Verdict.Reachable, result.Verdict);
    }

    [Fact]
    public void A_circle_ends()
    {
        var world = PaperLab.Build(Causeway.Core.Cluster.Encapsulation.None);
        Route Towards(string via) => new() { Destination = Prefix.Parse("172.16.0.0/12"), Via = IpAddress.Parse(via), Device = "eth0" };
        world = world.Add("n1", Towards("192.168.1.2")).Add("n2", Towards("192.168.1.254"))
            .Add("router", Towards("192.168.1.2"));
        var result = Tracer.Run(world, new(PaperLab.A, IpAddress.Parse("172.16.0.1")));
        Expect.Cause(result, CauseCode.Loop, "n2", "circle");
    }

    [Fact]
    public void A_setting_that_was_not_captured_is_unknown()
    {
        var world = PaperLab.Build().Remove<Sysctl>("n1", s => s.Path.EndsWith("rp_filter"));
        var result = Tracer.Run(world, new(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4)) { ToHost = PaperLab.B });
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Expect.Cause(result, CauseCode.SettingUnknown, "n1", "rp_filter");
    }

    [Fact]
    public void A_policy_rule_that_is_not_read_is_unknown()
    {
        var world = PaperLab.Build().Add("n1",
            [.. KernelImplied.Rules(IpFamily.V4), new Rule
            {
                Family = IpFamily.V4, Priority = 100, Table = Route.MainTable, Unknown = "ipproto tcp",
            }]);
        var result = Tracer.Run(world, new(PaperLab.A, PaperLab.Address(PaperLab.B, IpFamily.V4)) { ToHost = PaperLab.B });
        Assert.Equal(Verdict.Unknown, result.Verdict);
        Expect.Cause(result, CauseCode.RuleUnknown, "n1", "ipproto tcp");
    }
}
