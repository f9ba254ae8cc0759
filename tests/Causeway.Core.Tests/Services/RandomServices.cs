using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;

namespace Causeway.Core.Tests.Services;

/// <summary>Random services and slices from a seed: well-formed, unless collisions are asked for.</summary>
public sealed class RandomServices(int seed, bool collisions = false)
{
    public const string Node = "n1";
    public const string Zone = "z1";
    private readonly Random _random = new(seed);

    public static readonly IpAddress NodeAddress = IpAddress.Parse("172.30.0.11");

    public static readonly Node NodeObject = new()
    {
        Metadata = new() { Name = Node, Labels = new Dictionary<string, string> { ["topology.kubernetes.io/zone"] = Zone } },
        Status = new([new("InternalIP", "172.30.0.11"), new("InternalIP", "fd00:30::11")]),
    };

    public static readonly IpPool[] Pools =
    [
        new() { Metadata = new() { Name = "v4" }, Spec = new() { Cidr = "10.244.0.0/16" } },
        new() { Metadata = new() { Name = "v6" }, Spec = new() { Cidr = "fd00:244::/48" } },
    ];

    /// <summary>So many services with up to two slices each, as the oracle and a planner know them.</summary>
    public (ServiceOracle Oracle, ServicesPlanner Planner) Cluster(int count)
    {
        var services = Enumerable.Range(0, count).Select(Service).ToArray();
        var slices = (from s in Enumerable.Range(0, count) from part in Enumerable.Range(0, Next(3))
                      select Slice(s, part)).ToArray();
        ServicesPlanner planner = new(Node, (_, _) => { });
        foreach (var item in services.Concat<KubeObject>(slices).Append(NodeObject).Concat(Pools)) planner.Set(item);
        return (new(services, slices, Node, Zone, [NodeAddress]), planner);
    }

    public Service Service(int i)
    {
        var own = collisions ? _random.Next(3) : i;
        var type = Pick("ClusterIP", "NodePort", "LoadBalancer");
        var external = type != "ClusterIP";
        return new()
        {
            Metadata = new() { Name = $"s{i}", Namespace = "ns" },
            Spec = new()
            {
                Type = type,
                ClusterIP = $"10.96.0.{own + 1}",
                ClusterIPs = Chance(0.5) ? [$"10.96.0.{own + 1}", $"fd00:96::{own + 1:x}"] : [$"10.96.0.{own + 1}"],
                Ports =
                [
                    new("a", Pick("TCP", "UDP", "SCTP"), 80, external ? 30000 + 2 * own : null),
                    new("b", "TCP", 443, external ? 30001 + 2 * own : null),
                ],
                ExternalIPs = Chance(0.4) ? [$"192.0.2.{own + 1}"] : null,
                LoadBalancerSourceRanges = Chance(0.3)
                    ? [Pick("198.51.100.0/24", "172.30.0.0/24 ", "10.244.0.0/16"), "2001:db8::/32"] : null,
                SessionAffinity = Pick("None", "ClientIP"),
                SessionAffinityConfig = Chance(0.5) ? new(new(60)) : null,
                ExternalTrafficPolicy = external ? Pick("Cluster", "Local") : Chance(0.3) ? "Local" : null,
                InternalTrafficPolicy = Pick("Cluster", "Local"),
                HealthCheckNodePort = type == "LoadBalancer" ? 32000 + i : null,
            },
            Status = type != "LoadBalancer" ? null : new(new(
                [new($"203.0.113.{own + 1}"), new("203.0.113.200", null, "Proxy"), new(null, "lb.example")])),
        };
    }

    public EndpointSlice Slice(int service, int part, bool v6 = false)
    {
        var hints = Pick("", "", "zone", "node");
        var dying = Chance(0.3);
        return new()
        {
            Metadata = new()
            {
                Name = $"s{service}-{part}{(v6 ? "-6" : "")}", Namespace = "ns",
                Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = $"s{service}" },
            },
            AddressType = v6 ? "IPv6" : "IPv4",
            Ports = [new("a", Pick("TCP", "UDP", "SCTP"), 8080), new("b", "TCP", 8443)],
            Endpoints = [.. Enumerable.Range(0, _random.Next(5)).Select(i => Endpoint(part, i, v6, hints, dying))],
        };
    }

    private SliceEndpoint Endpoint(int part, int i, bool v6, string hints, bool dying)
    {
        var n = collisions ? _random.Next(6) : 10 * part + i;
        var node = Pick("n1", "n2", "n3", null);
        return new()
        {
            Addresses = [v6 ? $"fd00:244::{n + 5:x}" : $"10.244.{(node ?? "n9")[1..]}.{n + 5}"],
            NodeName = node,
            Conditions = Chance(0.3) ? null
                : dying ? new(false, Chance(0.7), Chance(0.7)) : new(Chance(0.7), null, Chance(0.2) ? true : null),
            Hints = hints switch
            {
                "zone" => new([new(Pick("z1", "z2"))]),
                "node" => new([new(Pick("z1", "z2"))], Chance(0.9) ? [new(Pick("n1", "n2"))] : null),
                _ => null,
            },
        };
    }

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public int Next(int below) => _random.Next(below);

    public T Pick<T>(params T[] items) => items[_random.Next(items.Length)];
}
