using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;
using CsCheck;

namespace Causeway.Core.Tests.Services;

public sealed class ServicesPlannerTests
{
    [Fact]
    public void Any_order_of_events_gives_the_plan_of_what_is_there() => Gen.Int[0, int.MaxValue - 1].Sample(seed =>
    {
        RandomServices random = new(seed, collisions: true);
        Dictionary<string, KubeObject> present = [];
        Dictionary<ServicePortKey, ServicePortPlan> told = [];
        ServicesPlanner planner = new(RandomServices.Node, (key, plan) =>
        {
            if (plan is null) Assert.True(told.Remove(key));
            else told[key] = plan;
        });
        for (var i = 0; i < 40; i++)
        {
            KubeObject item = random.Next(10) switch
            {
                0 => random.Pick(RandomServices.Pools),
                1 => RandomServices.NodeObject,
                < 5 => random.Service(random.Next(4)),
                _ => random.Slice(random.Next(4), random.Next(3), random.Chance(0.3)),
            };
            var key = item.GetType().Name + item.Metadata.Name;
            if (random.Chance(0.3) && present.Remove(key, out var old)) planner.Remove(old);
            else planner.Set(present[key] = item);
        }
        var shuffled = present.Values.ToArray();
        new Random(seed).Shuffle(shuffled);
        ServicesPlanner fresh = new(RandomServices.Node, (_, _) => { });
        foreach (var item in shuffled) fresh.Set(item);

        Assert.Equal(fresh.Ports, planner.Ports);
        Assert.Equal(fresh.Scope, planner.Scope);
        Assert.Equal(fresh.Problems, planner.Problems);
        Assert.Equal(planner.Ports.OrderBy(p => p.Key), told.OrderBy(p => p.Key));
    }, iter: 300);

    [Fact]
    public void The_plan_means_what_the_oracle_says() => Gen.Int[0, int.MaxValue - 1].Sample(seed =>
    {
        var (oracle, planner) = new RandomServices(seed).Cluster(4);
        var plan = planner.Plan();
        Assert.Empty(plan.Problems);
        foreach (var question in Questions())
        {
            var expected = oracle.Ask(question).ToString();
            Assert.Equal($"{question} {expected}",
                $"{question} {PlanReader.Ask(plan, RandomServices.NodeAddress, question)}");
        }
    }, iter: 500);

    private static IEnumerable<OracleQuestion> Questions()
    {
        (OracleSource, string)[] sources =
        [
            (OracleSource.Pod, "10.244.1.5"), (OracleSource.Node, "172.30.0.11"), (OracleSource.Outside, "198.51.100.7"),
        ];
        foreach (var (kind, source) in sources)
        foreach (var protocol in new[] { TransportProtocol.Tcp, TransportProtocol.Udp })
        for (var i = 0; i < 4; i++)
        {
            foreach (var vip in new[] { $"10.96.0.{i + 1}", $"192.0.2.{i + 1}", $"203.0.113.{i + 1}" })
            foreach (var port in new[] { 80, 443 })
                yield return new(kind, IpAddress.Parse(source), IpAddress.Parse(vip), protocol, port);
            yield return new(kind, IpAddress.Parse(source), RandomServices.NodeAddress, protocol, 30000 + i);
        }
        yield return new(OracleSource.Pod, IpAddress.Parse("10.244.1.5"), IpAddress.Parse("203.0.113.200"), TransportProtocol.Tcp, 80);
    }
}
