using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Controllers;
using Causeway.Lab.Controllers.Endpoints;
using Causeway.Lab.Objects;
using CsCheck;

namespace Causeway.Lab.Tests.Controllers;

public sealed class EndpointSliceReconcilerTests
{
    private readonly Dictionary<string, EndpointSliceObject> _slices = [];
    private int _made;

    [Theory]
    [InlineData(true, false, false, "true true false")]
    [InlineData(false, false, false, "false false false")]
    [InlineData(true, true, false, "false true true")]
    [InlineData(false, true, false, "false false true")]
    [InlineData(false, false, true, "true true false")]
    [InlineData(false, true, true, "true true true")]
    public void Conditions_say_how_a_pod_is(bool ready, bool deleting, bool publish, string expected)
    {
        var service = Service(publish: publish);
        var endpoint = Assert.Single(Groups(service, [Pod(1, ready, deleting)])[0].Endpoints);
        var c = endpoint.Conditions!;
        Assert.Equal(expected, $"{c.Ready} {c.Serving} {c.Terminating}".ToLowerInvariant());
    }

    [Fact]
    public void A_pod_that_has_ended_or_has_no_address_is_no_endpoint()
    {
        var ended = Pod(1) with { Status = Pod(1).Status! with { Phase = "Succeeded" } };
        var without = Pod(2) with { Status = Pod(2).Status! with { PodIPs = null } };
        var other = Pod(3) with { Metadata = Pod(3).Metadata with { Labels = LabObjects.Labels("app=other") } };
        Assert.Empty(Groups(Service(), [ended, without, other]));
    }

    [Fact]
    public void Two_families_have_slices_of_their_own()
    {
        Settle(Service(["IPv4", "IPv6"]), [Pod(1), Pod(2)]);
        Assert.Equal(["IPv4", "IPv6"], _slices.Values.Select(s => s.AddressType).Order());
        Assert.All(_slices.Values, s => Assert.Equal(2, s.Endpoints!.Count));
        Assert.Equal(["fd00::1", "fd00::2"],
            _slices.Values.Single(s => s.AddressType == "IPv6").Endpoints!.Select(e => e.Addresses[0]));
    }

    [Fact]
    public void A_named_port_is_each_pods_own()
    {
        var service = Service() with
        {
            Spec = Service().Spec with { Ports = [new("web", "TCP", 80, JsonElement.Parse("\"http\""))] },
        };
        var groups = Groups(service, [Named(1, 8080), Named(2, 9090), Named(3, 8080), Pod(4)]);
        Assert.Equal(["IPv4|:0", "IPv4|web 8080:2", "IPv4|web 9090:1"], groups.Select(g =>
            $"{g.AddressType}|{string.Concat(g.Ports.Select(p => $"{p.Name} {p.Port}"))}:"
            + $"{(g.Ports.IsEmpty ? 0 : g.Endpoints.Length)}"));
    }

    [Theory]
    [InlineData("PreferClose", "a", "")]
    [InlineData("PreferSameZone", "a", "")]
    [InlineData("PreferSameNode", "a", "n1")]
    [InlineData(null, "", "")]
    public void Hints_follow_the_distribution(string? distribution, string zones, string nodes)
    {
        var service = Service() with { Spec = Service().Spec with { TrafficDistribution = distribution } };
        var endpoint = Assert.Single(Groups(service, [Pod(1)])[0].Endpoints);
        Assert.Equal("a", endpoint.Zone);
        Assert.Equal(zones, string.Join(',', (endpoint.Hints?.ForZones ?? []).Select(z => z.Name)));
        Assert.Equal(nodes, string.Join(',', (endpoint.Hints?.ForNodes ?? []).Select(n => n.Name)));
    }

    [Fact]
    public void Slices_carry_labels_and_owner()
    {
        var service = Service() with
        {
            Metadata = Service().Metadata with { Labels = LabObjects.Labels("team=a") },
            Spec = Service().Spec with { ClusterIP = "None" },
        };
        Settle(service, [Pod(1)]);
        var meta = Assert.Single(_slices.Values).Metadata;
        Assert.Equal("s", meta.Labels![EndpointSlice.ServiceNameLabel]);
        Assert.Equal(EndpointSliceReconciler.ManagedBy, meta.Labels[EndpointSlice.ManagedByLabel]);
        Assert.Equal("", meta.Labels[Causeway.Core.Cluster.Service.HeadlessLabel]);
        Assert.Equal("a", meta.Labels["team"]);
        Assert.Equal("uid-s", Assert.Single(meta.OwnerReferences!).Uid);
    }

    [Fact]
    public void One_changed_pod_costs_one_write()
    {
        var service = Service();
        var pods = Enumerable.Range(1, 250).Select(i => Pod(i)).ToList();
        Settle(service, pods);
        Assert.Equal(3, _slices.Count);
        pods[120] = Pod(121, ready: false);
        Assert.Single(Run(service, pods).Writes);
        Settle(service, pods);
        pods.RemoveAt(7);
        Assert.Single(Run(service, pods).Writes);
        Settle(service, pods);
        pods.Add(Pod(999));
        Assert.Single(Run(service, pods).Writes);
    }

    [Fact]
    public void A_service_without_endpoints_has_one_empty_slice()
    {
        var service = Service();
        Settle(service, []);
        Assert.Empty(Assert.Single(_slices.Values).Endpoints!);
        Settle(service, [Pod(1)]);
        Assert.Single(Assert.Single(_slices.Values).Endpoints!);
        Settle(service, []);
        Assert.Empty(Assert.Single(_slices.Values).Endpoints!);
    }

    [Fact]
    public void What_others_manage_is_left_alone()
    {
        var foreign = new EndpointSliceObject
        {
            Metadata = new()
            {
                Name = "mine", Namespace = "ns", Uid = "u",
                Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = "s" },
            },
            AddressType = "IPv4",
        };
        var todo = EndpointSliceReconciler.Reconcile(Service(), [Pod(1)], _ => null, [foreign]);
        Assert.IsType<ObjectWrite.Create>(Assert.Single(todo.Writes));
    }

    [Fact]
    public void Every_endpoint_is_in_one_slice_whatever_came_before() =>
        Gen.Int[0, 350].List[1, 6].Select(Gen.Int[0, 1000]).Sample((sizes, seed) =>
        {
            _slices.Clear();
            var random = new Random(seed);
            var service = Service();
            foreach (var size in sizes)
            {
                var pods = Enumerable.Range(0, size).Select(_ => random.Next(1, 500)).Distinct()
                    .Select(i => Pod(i, random.Next(4) > 0, random.Next(5) == 0)).ToArray();
                random.Shuffle(pods);
                Settle(service, pods);
                var all = _slices.Values.SelectMany(s => s.Endpoints!).ToList();
                Assert.Equal(pods.Select(p => p.Metadata.Uid).Order(), all.Select(e => e.TargetRef!.Uid).Order());
                Assert.All(_slices.Values, s => Assert.True(s.Endpoints!.Count <= 100));
                // The order in which pods are told changes nothing.
                random.Shuffle(pods);
                Assert.Empty(Run(service, pods).Writes);
            }
        }, iter: 60, threads: 1);

    private void Settle(ServiceObject service, IReadOnlyCollection<PodObject> pods)
    {
        foreach (var write in Run(service, pods).Writes) Do(write);
        Assert.Empty(Run(service, pods).Writes);
    }

    private Reconciliation Run(ServiceObject service, IEnumerable<PodObject> pods) =>
        EndpointSliceReconciler.Reconcile(service, pods, Zone, _slices.Values);

    private void Do(ObjectWrite write)
    {
        switch (write)
        {
            case ObjectWrite.Create create:
                var name = $"{create.Name}{_made++:000}";
                _slices[name] = LabObjects.Created(create.Body, ObjectJson.Default.EndpointSliceObject, name);
                break;
            case ObjectWrite.Patch patch:
                var body = JsonSerializer.SerializeToNode(_slices[patch.Name],
                    ObjectJson.Default.EndpointSliceObject)!.AsObject();
                body["endpoints"] = patch.Body["endpoints"]!.DeepClone();
                body["metadata"]!["labels"] = patch.Body["metadata"]!["labels"]!.DeepClone();
                _slices[patch.Name] = body.Deserialize(ObjectJson.Default.EndpointSliceObject)!;
                break;
            default:
                _slices.Remove(write.Name);
                break;
        }
    }

    private static IReadOnlyList<EndpointGroup> Groups(ServiceObject service, IEnumerable<PodObject> pods) =>
        ServiceEndpoints.Of(service, pods, Zone);

    private static string? Zone(string node) => node == "n1" ? "a" : null;

    private static ServiceObject Service(string[]? families = null, bool publish = false) => new()
    {
        Metadata = new() { Name = "s", Namespace = "ns", Uid = "uid-s", ResourceVersion = "1" },
        Spec = new()
        {
            Selector = LabObjects.Labels("app=web"),
            IpFamilies = families ?? ["IPv4"],
            Ports = [new(null, "TCP", 80, JsonElement.Parse("8080"))],
            PublishNotReadyAddresses = publish,
        },
    };

    private static PodObject Pod(int number, bool ready = true, bool deleting = false)
    {
        var pod = LabObjects.Pod($"p{number:000}", "n1", ready: ready, deleting: deleting);
        return pod with
        {
            Status = pod.Status! with
            {
                PodIPs = [new($"10.0.{number / 250}.{number % 250 + 1}"), new($"fd00::{number:x}")],
            },
        };
    }

    private static PodObject Named(int number, int port) => Pod(number) with
    {
        Spec = new()
        {
            NodeName = "n1",
            Containers = [new() { Name = "c", Ports = [new() { Port = port, Name = "http" }] }],
        },
    };
}
