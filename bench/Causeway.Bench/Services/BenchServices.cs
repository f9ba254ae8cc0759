using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Services;

namespace Causeway.Bench.Services;

/// <summary>Numbered services of 4 endpoints each.</summary>
internal static class BenchServices
{
    private const int Endpoints = 4;

    /// <summary>A node's planner that knows so many services and one pool.</summary>
    /// <param name="changed">Told of their plans, and of those of later changes.</param>
    public static ServicesPlanner Planner(int services, Dictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        ServicesPlanner planner = new("n1", (key, plan) => changed[key] = plan);
        planner.Set(new IpPool { Metadata = new() { Name = "p" }, Spec = new() { Cidr = "10.0.0.0/9" } });
        for (var i = 0; i < services; i++)
        {
            planner.Set(Service(i));
            planner.Set(Slice(i, generation: 0));
        }
        return planner;
    }

    public static Service Service(int number) => new()
    {
        Metadata = new() { Name = Name(number), Namespace = "bench" },
        Spec = new() { ClusterIP = ClusterIp(number), ClusterIPs = [ClusterIp(number)], Ports = [new("http", "TCP", 80)] },
    };

    /// <param name="generation">Another one has another last endpoint.</param>
    public static EndpointSlice Slice(int number, int generation) => Slice(number,
        [.. Enumerable.Range(0, Endpoints).Select(i => Address(number, i == Endpoints - 1 ? Endpoints + generation : i))]);

    public static EndpointSlice Slice(int number, IReadOnlyList<string> addresses) => new()
    {
        Metadata = new()
        {
            Name = Name(number) + "-1", Namespace = "bench",
            Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = Name(number) },
        },
        AddressType = "IPv4",
        Ports = [new("http", "TCP", 8080)],
        Endpoints = [.. addresses.Select(a => new SliceEndpoint { Addresses = [a] })],
    };

    /// <summary>An element of the same map away and in again, by the words of nft.</summary>
    public static string SameChangeAsText(int number)
    {
        var (table, key) = ("ip causeway-services", $"{ClusterIp(number)} . tcp . 80");
        return $"delete element {table} service-ips {{ {key} }}\n"
            + $"add element {table} service-ips {{ {key} : goto pick-4-masq-off-cluster }}\n";
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"svc-{number}");

    public static string ClusterIp(int number) => IpAddress.V4(0x0A80_0001u + (uint)number).ToString();

    private static string Address(int number, int endpoint) =>
        IpAddress.V4(0x0A00_0001u + (uint)(number * 128 + endpoint)).ToString();
}
