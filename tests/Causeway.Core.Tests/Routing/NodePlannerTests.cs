using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Routing;
using CsCheck;

namespace Causeway.Core.Tests.Routing;

public sealed class NodePlannerTests
{
    private static readonly KubeObject[] TwoNodes =
    [
        Make.Pool("default", "10.244.0.0/16"),
        Make.Node("n1", "172.30.0.11/24", "10.244.0.0"),
        Make.Node("n2", "172.30.0.12/24", "10.244.0.64"),
        Make.Affinity("n1", "10.244.0.0/26"),
        Make.Affinity("n2", "10.244.0.64/26"),
        Make.Block("10.244.0.0/26", "n1", ("10.244.0.0", "n1", null), ("10.244.0.1", "n1", "web")),
    ];

    [Fact]
    public void Vxlan_routes_a_remote_block_through_the_tunnel_and_blackholes_its_own()
    {
        var plan = Plan("n1", TwoNodes);

        var remote = plan.All<Route>().Single(r => r.Destination.ToString() == "10.244.0.64/26");
        Assert.Equal("10.244.0.64", remote.Via.ToString());
        Assert.Equal(Ownership.VxlanDevice, remote.Device);
        Assert.True(remote.Onlink);
        Assert.Equal(RouteKind.Blackhole, plan.All<Route>().Single(r => r.Destination.ToString() == "10.244.0.0/26").Kind);

        var fdb = plan.All<FdbEntry>().Single();
        Assert.Equal("172.30.0.12", fdb.Destination.ToString());
        var neighbour = plan.All<Neighbour>().Single();
        Assert.Equal((fdb.Mac, "10.244.0.64"), (neighbour.Mac!.Value, neighbour.Address.ToString()));
        Assert.Equal(Underlay.TunnelMac("n2"), fdb.Mac);
        Assert.Equal(1450, plan.Link(Ownership.VxlanDevice)!.Mtu);
    }

    [Fact]
    public void An_endpoint_whose_runtime_names_no_pod_is_planned_too()
    {
        var block = Make.Block("10.244.0.0/26", "n1", ("10.244.0.0", "n1", null));
        var nameless = new IpamAllocation("10.244.0.9", "c9/eth0", "n1", 1);
        block = block with { Spec = block.Spec with { Allocations = [.. block.Spec.Allocations, nameless] } };
        var plan = Plan("n1", [.. TwoNodes[..^1], block]);

        var route = plan.All<Route>().Single(r => r.Destination.IsHost);
        Assert.Equal(("10.244.0.9/32", EndpointDevice.NameOf("c9/eth0")), (route.Destination.ToString(), route.Device));
        Assert.Equal("IPAMBlock/10-244-0-0-26 spec.allocations[10.244.0.9]", route.Origin!.ToString());
    }

    [Fact]
    public void An_IPv6_blackhole_names_no_device_since_the_kernel_keeps_none_of_ours()
    {
        KubeObject[] objects =
        [
            Make.Pool("default", "fd00:10::/48"), Make.Node("n1", "fd00:cafe::11/64", "fd00:10::"),
            Make.Affinity("n1", "fd00:10::/122"),
        ];
        var blackhole = Plan("n1", objects).All<Route>().Single();
        Assert.Equal("blackhole fd00:10::/122 proto 202 metric 1024", blackhole.ToString());
    }

    [Fact]
    public void A_pod_gets_its_device_route_and_settings_and_names_itself_as_origin()
    {
        var plan = Plan("n1", TwoNodes);
        var device = EndpointDevice.NameOf(Make.Handle("web"));
        var route = plan.All<Route>().Single(r => r.Destination.IsHost);
        Assert.Equal(("10.244.0.1/32", device), (route.Destination.ToString(), route.Device));
        Assert.Equal("Pod/default/web", route.Origin!.ToString());
        Assert.Equal("1", plan.Sysctl($"net/ipv4/conf/{device}/proxy_arp"));
        Assert.NotNull(plan.Link(device));
    }

    [Theory]
    [InlineData(Encapsulation.Vxlan, "172.30.0.12/24", "10.244.0.64")]
    [InlineData(Encapsulation.VxlanCrossSubnet, "172.30.0.12/24", "172.30.0.12")]
    [InlineData(Encapsulation.VxlanCrossSubnet, "172.31.0.12/24", "10.244.0.64")]
    [InlineData(Encapsulation.None, "172.30.0.12/24", "172.30.0.12")]
    [InlineData(Encapsulation.None, "172.31.0.12/24", null)]
    public void The_way_to_a_block_follows_encapsulation_and_subnet(Encapsulation encapsulation, string underlay, string? via)
    {
        KubeObject[] objects =
        [
            .. TwoNodes,
            Make.Pool("default", "10.244.0.0/16", encapsulation),
            Make.Node("n2", underlay, "10.244.0.64"),
        ];
        var route = Plan("n1", objects).All<Route>().SingleOrDefault(r => r.Destination.ToString() == "10.244.0.64/26");
        Assert.Equal(via, route?.Via.ToString());
    }

    [Fact]
    public void A_borrowed_address_is_routed_to_where_it_is_used()
    {
        KubeObject[] objects =
        [
            .. TwoNodes,
            Make.Block("10.244.0.64/26", "n2", ("10.244.0.70", "n1", "guest")),
        ];
        var here = Plan("n1", objects).All<Route>().Single(r => r.Destination.ToString() == "10.244.0.70/32");
        Assert.Equal(EndpointDevice.NameOf(Make.Handle("guest")), here.Device);
        var there = Plan("n2", objects).All<Route>().Single(r => r.Destination.ToString() == "10.244.0.70/32");
        Assert.Equal("10.244.0.0", there.Via.ToString());
    }

    [Fact]
    public void No_way_to_others_is_planned_before_the_node_knows_its_network()
    {
        var plan = Plan("n9", TwoNodes);
        Assert.Empty(plan.All<Route>());
        Assert.Empty(plan.All<Link>());
    }

    [Fact]
    public void Pods_whose_Node_is_deleted_keep_their_devices_and_routes()
    {
        Dictionary<EntryKey, Entry?> kept = [];
        var planner = new NodePlanner("n1", (key, entry) => kept[key] = entry);
        foreach (var item in TwoNodes) planner.Set(item);
        planner.Remove(TwoNodes.Single(o => o.Metadata.Name == "n1"));
        var device = EndpointDevice.NameOf(Make.Handle("web"));
        Assert.NotNull(kept[new EntryKey(EntryKind.Link, device)]);
        Assert.Contains(kept.Values.OfType<Route>(), r => r.Destination.ToString() == "10.244.0.1/32" && r.Device == device);
        Assert.Contains(kept.Values.OfType<Route>(), r => r.Kind == RouteKind.Blackhole);
        Assert.NotEmpty(kept.Values.OfType<NftTable>());
        Assert.DoesNotContain(kept.Values.OfType<Link>(), l => l.Name == Ownership.VxlanDevice);
    }

    [Fact]
    public void Pending_affinities_are_not_routed()
    {
        KubeObject[] objects =
        [
            .. TwoNodes,
            Make.Affinity("n2", "10.244.0.64/26", BlockAffinitySpec.Pending),
        ];
        Assert.DoesNotContain(Plan("n1", objects).All<Route>(), r => r.Destination.ToString() == "10.244.0.64/26");
    }

    [Fact]
    public void The_plan_is_independent_of_the_order_of_events() =>
        Gen.Select(Events, Gen.Int[0, 1000]).Sample((events, seed) =>
        {
            // The same final objects, reached by the history, in order, reversed and shuffled.
            Dictionary<string, KubeObject> present = [];
            NodePlanner history = new("n1", (_, _) => { });
            foreach (var (item, removed) in events)
            {
                var key = item.GetType().Name + item.Metadata.Name;
                if (removed)
                {
                    if (!present.Remove(key, out var old)) continue;
                    history.Remove(old);
                }
                else
                {
                    present[key] = item;
                    history.Set(item);
                }
            }
            var expected = Text(history.Entries);
            Assert.Equal(expected, Text(Plan("n1", [.. present.Values]).Entries));
            Assert.Equal(expected, Text(Plan("n1", [.. present.Values.Reverse()]).Entries));
            var shuffled = present.Values.ToArray();
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(expected, Text(Plan("n1", shuffled).Entries));
        });

    [Fact]
    public void What_it_reports_adds_up_to_what_it_holds() => Events.Sample(events =>
    {
        Dictionary<EntryKey, Entry> told = [];
        NodePlanner planner = new("n1", (key, entry) =>
        {
            if (entry is null) told.Remove(key);
            else told[key] = entry;
        });
        foreach (var (item, removed) in events)
        {
            if (removed) planner.Remove(item);
            else planner.Set(item);
        }
        Assert.Equal(Text(planner.Entries), Text(told.Values));
    });

    private static readonly KubeObject[] Palette =
    [
        .. TwoNodes,
        Make.Pool("default", "10.244.0.0/16", Encapsulation.None),
        Make.Pool("rival", "10.244.0.0/16", Encapsulation.VxlanCrossSubnet),
        Make.Node("n1", "172.30.0.99/24", "10.244.0.0"),
        Make.Node("n2", "172.31.0.12/24", "10.244.0.64"),
        Make.Node("n3", "172.30.0.13/24", "10.244.0.128"),
        Make.Affinity("n3", "10.244.0.64/26"),
        Make.Affinity("n2", "10.244.0.128/26"),
        Make.Block("10.244.0.64/26", "n2", ("10.244.0.70", "n1", "guest"), ("10.244.0.71", "n3", "other")),
        // The same one as it was at other times: fewer addresses, another owner.
        Make.Block("10.244.0.64/26", "n2", ("10.244.0.70", "n1", "guest")),
        Make.Block("10.244.0.64/26", "n1", ("10.244.0.70", "n1", "guest"), ("10.244.0.71", "n1", "heir")),
        Make.Block("10.244.0.128/26", "n3", ("10.244.0.70", "n1", "twin")),
    ];

    private static readonly Gen<(KubeObject, bool)[]> Events = Gen.Select(
        Gen.Int[0, Palette.Length - 1].Select(i => Palette[i]),
        Gen.Int[0, 3].Select(i => i == 0)).Array[0, 40];

    private static DataplaneState Plan(string node, KubeObject[] objects)
    {
        NodePlanner planner = new(node, (_, _) => { });
        foreach (var item in objects) planner.Set(item);
        return DataplaneState.Of(planner.Entries);
    }

    private static string Text(IEnumerable<Entry> entries) =>
        string.Join('\n', entries.Select(e => $"{e.Key} {e} [{e.Origin}]").Order(StringComparer.Ordinal));
}
