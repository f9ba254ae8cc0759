using Causeway.Core.Cluster;
using Causeway.Core.Services;

namespace Causeway.Core.Tests.Services;

public sealed class HostileServiceTests
{
    private static readonly Service Web = new()
    {
        Metadata = new() { Name = "web", Namespace = "ns" },
        Spec = new() { ClusterIP = "10.96.0.1", ClusterIPs = ["10.96.0.1"], Ports = [new("http", "TCP", 80)] },
    };

    private static ServicesPlan Plan(params KubeObject[] items)
    {
        ServicesPlanner planner = new("n1", (_, _) => { });
        foreach (var item in items) planner.Set(item);
        return planner.Plan();
    }

    private static EndpointSlice Slice(string type, params string[] addresses) => new()
    {
        Metadata = new()
        {
            Name = "web-x", Namespace = "ns",
            Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = "web" },
        },
        AddressType = type,
        Ports = [new("http", "TCP", 8080), new("http", "TCP"), null!],
        Endpoints = [null!, .. addresses.Select(a => new SliceEndpoint { Addresses = [a] })],
    };

    [Fact]
    public void Addresses_of_the_wrong_family_and_hostile_names_are_left_out_and_told()
    {
        var plan = Plan(Web, Slice("IPv4", "10.244.0.5", "fd00::5", "127.0.0.1", "; rm -rf /", new string('9', 5000)));
        Assert.Equal("10.244.0.5:8080", plan.Ports.Values.Single().ClusterEndpoints.Single().ToString());
        Assert.Equal(5, plan.Problems.Length);
        Assert.All(plan.Problems, p => Assert.True(p.ToString().Length < 200));
        Assert.Contains(plan.Problems, p => p.ToString()
            == "EndpointSlice/ns/web-x: endpoints: fd00::5 is not of the slice's address type");
    }

    [Fact]
    public void A_slice_of_names_is_nothing_for_a_proxy_and_no_problem()
    {
        var plan = Plan(Web, Slice("FQDN", "example.com"));
        Assert.Equal(NoEndpoint.Reject, plan.Ports.Values.Single().InternalRefusal);
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void Ports_and_addresses_out_of_range_are_told_and_the_others_work()
    {
        var plan = Plan(Web with
        {
            Spec = Web.Spec with
            {
                Type = "LoadBalancer",
                Ports = [new("http", "TCP", 80, 70000), new("zero"), new("odd", "ICMP", 5), new("http", "TCP", 81), null!],
                ExternalIPs = ["192.0.2.1", "010.0.0.1", "127.0.0.1"],
                LoadBalancerSourceRanges = ["10.0.0.0/8", "10.1.0.0/16", "nonsense"],
                SessionAffinity = "ClientIP",
                SessionAffinityConfig = new(new(-5)),
            },
        });
        var port = plan.Ports.Values.Single();
        Assert.Equal((80, 0, 10800), (port.Port, port.NodePort, port.AffinitySeconds));
        Assert.Equal("192.0.2.1", port.ExternalIps.Single().ToString());
        Assert.Equal("10.0.0.0/8", port.SourceRanges.Single().ToString());
        Assert.Equal(8, plan.Problems.Length);
    }

    [Fact]
    public void An_external_address_cannot_take_a_cluster_ip_and_a_node_port_has_one_owner()
    {
        Service Named(string name, string ip, string? external) => Web with
        {
            Metadata = new() { Name = name, Namespace = "ns" },
            Spec = Web.Spec with
            {
                Type = "NodePort", ClusterIP = ip, ClusterIPs = [ip], Ports = [new("", "TCP", 80, 30080)],
                ExternalIPs = external is null ? null : [external],
            },
        };
        var plan = Plan(Named("a", "10.96.0.8", "10.96.0.9"), Named("b", "10.96.0.9", null));
        Assert.Equal([30080, 0], plan.Ports.Values.Select(p => (int)p.NodePort));
        Assert.All(plan.Ports.Values, p => Assert.Empty(p.ExternalIps));
        Assert.Equal(
            ["Service/ns/a: 10.96.0.9 port 80/tcp belongs to ns/b ipv4",
             "Service/ns/b: node port 30080/tcp belongs to ns/a ipv4"],
            plan.Problems.Select(p => p.ToString()));
    }

    [Theory]
    [InlineData(Service.ProxyNameLabel)]
    [InlineData(Service.HeadlessLabel)]
    public void Services_with_a_label_for_another_proxy_are_left_alone(string label) => Assert.Empty(Plan(Web with
    {
        Metadata = Web.Metadata with { Labels = new Dictionary<string, string> { [label] = "" } },
    }).Ports);

    [Fact]
    public void Headless_and_external_names_have_no_plan() => Assert.Empty(Plan(
        Web with { Spec = Web.Spec with { ClusterIP = "None", ClusterIPs = ["None"] } },
        Web with { Metadata = new() { Name = "e", Namespace = "ns" }, Spec = new() { Type = "ExternalName", ExternalName = "a.b" } })
        .Ports);

    [Fact]
    public void The_health_check_counts_ready_local_addresses_once()
    {
        var service = Web with
        {
            Spec = Web.Spec with
            {
                Type = "LoadBalancer", ExternalTrafficPolicy = "Local", HealthCheckNodePort = 32000,
                Ports = [new("http", "TCP", 80, 30080), new("https", "TCP", 443, 30443)],
            },
        };
        var slice = Slice("IPv4") with
        {
            Ports = [new("http", "TCP", 8080), new("https", "TCP", 8443)],
            Endpoints =
            [
                new() { Addresses = ["10.244.0.5"], NodeName = "n1" }, new() { Addresses = ["10.244.0.6"], NodeName = "n2" },
                new() { Addresses = ["10.244.0.7"], NodeName = "n1", Conditions = new(false, true, true) },
            ],
        };
        var health = ServiceHealth.Of(Plan(service, slice).Ports.Values).Single();
        Assert.Equal((32000, 1, 200, 503), (health.Port, health.LocalEndpoints, health.Status(true), health.Status(false)));
        Assert.Equal(
            """{"service":{"namespace":"ns","name":"web"},"localEndpoints":1,"serviceProxyHealthy":true}""", health.Body(true));
        Assert.Equal(503, ServiceHealth.Of(Plan(service).Ports.Values).Single().Status(true));
    }
}
