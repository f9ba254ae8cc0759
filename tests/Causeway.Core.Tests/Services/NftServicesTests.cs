using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using CsCheck;

namespace Causeway.Core.Tests.Services;

public sealed class NftServicesTests
{
    [Fact]
    public void Changes_add_up_to_the_full_rendering() => Gen.Int[0, int.MaxValue - 1].Sample(seed =>
    {
        RandomServices random = new(seed, collisions: true);
        foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
        {
            NftServices rendered = new(family);
            Dictionary<NftElementKey, NftElementValue> kernel = [];
            HashSet<NftClass> chains = [];
            ServicesPlanner planner = new(RandomServices.Node, rendered.Set);
            foreach (var pool in RandomServices.Pools) planner.Set(pool);
            planner.Set(RandomServices.NodeObject);
            for (var i = 0; i < 30; i++)
            {
                KubeObject item = random.Chance(0.4)
                    ? random.Service(random.Next(4)) : random.Slice(random.Next(4), random.Next(3), random.Chance(0.5));
                if (random.Chance(0.3)) planner.Remove(item);
                else planner.Set(item);
                if (random.Chance(0.5)) Apply(rendered.Take(), kernel, chains);
            }
            Apply(rendered.Take(), kernel, chains);
            Assert.True(rendered.Take().IsEmpty);

            NftServices fresh = new(family);
            foreach (var (key, plan) in planner.Plan().Ports.Reverse()) fresh.Set(key, plan);
            Assert.Equal(Text(family, fresh.Elements), Text(family, rendered.Elements));
            Assert.Equal(Text(family, fresh.Elements), Text(family, kernel.Select(e => new NftElement(e.Key, e.Value))));
            Assert.Equal(fresh.Classes, rendered.Classes);
            Assert.Equal(fresh.Classes, chains.Order());
        }
    }, iter: 300);

    [Fact]
    public void One_endpoint_more_is_a_few_elements_whatever_the_number_of_services()
    {
        NftServices rendered = new(IpFamily.V4);
        ServicesPlanner planner = new("n1", rendered.Set);
        for (var i = 0; i < 100; i++)
        {
            planner.Set(new Service
            {
                Metadata = new() { Name = $"s{i}", Namespace = "ns" },
                Spec = new() { ClusterIP = $"10.96.0.{i + 1}", Ports = [new("", "TCP", 80)] },
            });
            planner.Set(Slice(i, "10.244.0.5", "10.244.0.6"));
        }
        rendered.Take();
        planner.Set(Slice(7, "10.244.0.5", "10.244.0.6", "10.244.0.7"));
        var change = rendered.Take();
        Assert.Equal("pick-3-masq-off-cluster", change.AddedClasses.Single().Chain);
        Assert.Equal("10.96.0.8 . tcp . 80 comment \"ns/s7\" : goto pick-2-masq-off-cluster",
            NftElementText.Print(IpFamily.V4, change.Removed.Single()));
        Assert.Equal(
            "add element ip causeway-services endpoints { 10.96.0.8 . tcp . 80 . 2 : 10.244.0.7 . 8080 }\n"
            + "add element ip causeway-services service-ips { 10.96.0.8 . tcp . 80 comment \"ns/s7\" : goto pick-3-masq-off-cluster }\n",
            NftElementText.Script(IpFamily.V4, change.Added));
        Assert.Empty(change.UnusedClasses);

        static EndpointSlice Slice(int i, params string[] addresses) => new()
        {
            Metadata = new()
            {
                Name = $"s{i}-x", Namespace = "ns",
                Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = $"s{i}" },
            },
            AddressType = "IPv4", Ports = [new("", "TCP", 8080)],
            Endpoints = [.. addresses.Select(a => new SliceEndpoint { Addresses = [a], NodeName = "n2" })],
        };
    }

    [Fact]
    public void Sticky_endpoints_mostly_keep_their_index_when_one_goes()
    {
        var moved = 0;
        for (var round = 0; round < 100; round++)
        {
            ServiceEndpoint[] all = [.. Enumerable.Range(0, 8).Select(i => new ServiceEndpoint(IpAddress.V4((uint)(round * 64 + i * 5)), 80))];
            var before = Order(all);
            var after = Order([.. all.Skip(1)]);
            moved += after.Where((e, i) => before[i] != e).Count();
        }
        // Sorted by address all but none of the 7 that stay would move.
        Assert.True(moved < 300, $"{moved} of 700 moved");

        static string[] Order(ServiceEndpoint[] endpoints) => [.. NftRendering.Of(new()
        {
            Key = new(new("ns", "s", ""), IpFamily.V4), ClusterIp = IpAddress.Parse("10.96.0.1"), Port = 80,
            AffinitySeconds = 60, HasEndpoints = true, ClusterEndpoints = [.. endpoints],
        }).Elements.Where(e => e.Key.Set == "endpoints").Select(e => e.Value.Data.ToString())];
    }

    private static void Apply(NftChange change, Dictionary<NftElementKey, NftElementValue> kernel, HashSet<NftClass> chains)
    {
        foreach (var item in change.AddedClasses) Assert.True(chains.Add(item));
        foreach (var element in change.Removed)
        {
            Assert.True(kernel.Remove(element.Key, out var value));
            Assert.Equal(element.Value, value);
        }
        foreach (var element in change.Added) Assert.True(kernel.TryAdd(element.Key, element.Value));
        foreach (var item in change.UnusedClasses) Assert.True(chains.Remove(item));
        foreach (var goal in kernel.Values.Select(v => v.Chain).OfType<string>())
            Assert.True(goal is NftRendering.RejectChain or NftRendering.DropChain || chains.Any(c => c.Chain == goal));
    }

    private static string Text(IpFamily family, IEnumerable<NftElement> elements) => NftElementText.Script(family, elements);
}
