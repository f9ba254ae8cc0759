using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Tests.Services;

public sealed class StaleFlowsTests
{
    private static readonly IpAddress Client = IpAddress.Parse("10.244.1.5");
    private static readonly IpAddress Vip = IpAddress.Parse("10.96.0.1");
    private static readonly IpAddress Node = IpAddress.Parse("172.30.0.11");

    private static readonly ServicePortKey Key = new(new("ns", "dns", "", TransportProtocol.Udp), IpFamily.V4);

    private static ServicePortPlan Plan(params string[] endpoints) => new()
    {
        Key = Key, ClusterIp = Vip, Port = 53, NodePort = 30053, ExternalIps = [IpAddress.Parse("192.0.2.1")],
        FlowEndpoints = [.. endpoints.Select(e => new ServiceEndpoint(IpAddress.Parse(e), 5353))],
    };

    private static IReadOnlyList<StaleFlows> Between(ServicePortPlan? before, ServicePortPlan? after) =>
        StaleFlows.Between(
            before is null ? new() : new Dictionary<ServicePortKey, ServicePortPlan> { [before.Key] = before },
            new Dictionary<ServicePortKey, ServicePortPlan?> { [(before ?? after)!.Key] = after });

    /// <summary>As tracked when it was sent to a destination and went on to a place.</summary>
    private static ConntrackFlow Flow(IpAddress to, ushort port, string place, ushort placePort, IpAddress? source = null) => new(
        new(Client, 1234, to, port), new(IpAddress.Parse(place), placePort, source ?? Client, 1234), 17, 0, 1);

    private static ConntrackFlow Translated(string endpoint) => Flow(Vip, 53, endpoint, 5353);

    [Fact]
    public void Flows_to_an_endpoint_that_went_are_stale_and_others_are_not()
    {
        var stale = Between(Plan("10.244.2.1", "10.244.2.2"), Plan("10.244.2.2"));
        Assert.Equal(3, stale.Count);
        Assert.Contains(stale, s => s.Holds(Translated("10.244.2.1")));
        Assert.DoesNotContain(stale, s => s.Holds(Translated("10.244.2.2")));
        Assert.Contains(stale, s => s.Holds(Flow(Node, 30053, "10.244.2.1", 5353, Node)));
        Assert.DoesNotContain(stale, s => s.Holds(Flow(Vip, 54, "10.244.2.1", 5353)));
        Assert.DoesNotContain(stale, s => s.Holds(Translated("10.244.2.1") with { Protocol = 6 }));
    }

    [Fact]
    public void One_endpoint_more_leaves_all_flows_alone() =>
        Assert.Empty(Between(Plan("10.244.2.1"), Plan("10.244.2.1", "10.244.2.2")));

    [Fact]
    public void The_first_endpoint_ends_flows_that_went_past_the_service()
    {
        foreach (var before in new[] { null, Plan() })
        {
            var stale = Between(before, Plan("10.244.2.1"));
            Assert.Contains(stale, s => s.Holds(Flow(Vip, 53, "10.96.0.1", 53)));
            // Masqueraded on its way out to nowhere.
            Assert.Contains(stale, s => s.Holds(Flow(Vip, 53, "10.96.0.1", 53, Node)));
            Assert.Contains(stale, s => s.Holds(Flow(Node, 30053, "172.30.0.11", 30053)));
            Assert.DoesNotContain(stale, s => s.Holds(Translated("10.244.2.1")));
        }
    }

    [Fact]
    public void A_flow_of_somebody_else_to_the_node_port_of_a_machine_outside_stays()
    {
        var outside = IpAddress.Parse("198.51.100.9");
        Assert.DoesNotContain(Between(null, Plan("10.244.2.1")), s => s.Holds(Flow(outside, 30053, "198.51.100.9", 30053, Node)));
    }

    [Fact]
    public void All_flows_of_a_service_that_goes_are_stale_and_of_TCP_none()
    {
        Assert.Contains(Between(Plan("10.244.2.1"), null), s => s.Holds(Translated("10.244.2.1")));
        var tcp = Plan("10.244.2.1") with { Key = new(new("ns", "web", ""), IpFamily.V4) };
        Assert.Empty(Between(tcp, null));
    }

    [Fact]
    public void A_destination_that_passes_to_another_service_keeps_what_is_the_others()
    {
        var other = Plan("10.244.2.9") with { Key = new(new("ns", "heir", "", TransportProtocol.Udp), IpFamily.V4) };
        var stale = StaleFlows.Between(
            new Dictionary<ServicePortKey, ServicePortPlan> { [Key] = Plan("10.244.2.1", "10.244.2.9") },
            new Dictionary<ServicePortKey, ServicePortPlan?> { [Key] = null, [other.Key] = other });
        Assert.Contains(stale, s => s.Holds(Translated("10.244.2.1")));
        Assert.DoesNotContain(stale, s => s.Holds(Translated("10.244.2.9")));
    }
}
