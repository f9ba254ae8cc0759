using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Controllers;
using Causeway.Lab.Controllers.LoadBalancers;
using Causeway.Lab.Events;
using Causeway.Lab.Objects;
using Causeway.Lab.Tests.ApiServer;

namespace Causeway.Lab.Tests.Controllers;

public sealed class LoadBalancerAddressesTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private KubeClient _client = null!;
    private ClusterCaches _caches = null!;
    private LoadBalancerAddresses _addresses = null!;
    private int _version;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _client = new(KubeConfig.Load(await _server.KubeconfigAsync()).Access(), TimeProvider.System);
        _caches = new(_client);
        _addresses = new(
            [Prefix.Parse("198.51.100.0/29"), Prefix.Parse("2001:db8:1b::/112")], _caches,
            new EventRecorder(_client, "test", TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public void An_address_has_one_service_and_is_free_after_it()
    {
        for (var i = 1; i <= 7; i++) Add($"s{i}");
        Assert.Equal("1 2 3 4 5 6 -", string.Join(' ', Enumerable.Range(1, 7).Select(i => Last(Run($"s{i}")))));
        // Told again, nothing changes.
        Assert.Empty(_addresses.Reconcile("ns/s3").Writes);
        _caches.Services.Forget(_caches.Services.Find("ns/s3")!);
        _addresses.Reconcile("ns/s3");
        Assert.Equal("3", Last(Run("s7")));
    }

    [Fact]
    public void Two_that_are_looked_at_before_either_is_written_differ()
    {
        Add("a");
        Add("b");
        var (a, b) = (_addresses.Reconcile("ns/a"), _addresses.Reconcile("ns/b"));
        Assert.NotEqual(IngressOf(a), IngressOf(b));
    }

    [Fact]
    public void What_a_status_says_is_taken_also_by_a_new_controller()
    {
        Add("old");
        Assert.Equal("1", Last(Run("old")));
        var next = new LoadBalancerAddresses(
            [Prefix.Parse("198.51.100.0/29")], _caches, new EventRecorder(_client, "test", TimeProvider.System));
        Add("new");
        Assert.Contains("198.51.100.2", IngressOf(next.Reconcile("ns/new")));
        Assert.Empty(next.Reconcile("ns/old").Writes);
    }

    [Fact]
    public void Wishes_families_and_classes_are_honoured()
    {
        Add("wish", s => s with { LoadBalancerIP = "198.51.100.5" });
        Assert.Equal("5", Last(Run("wish")));
        Add("same", s => s with { LoadBalancerIP = "198.51.100.5" });
        Assert.Equal("-", Last(Run("same")));
        Add("foreign", s => s with { LoadBalancerIP = "8.8.8.8" });
        Assert.Equal("-", Last(Run("foreign")));
        Add("dual", s => s with { IpFamilies = ["IPv6", "IPv4"] });
        Assert.Equal("2001:db8:1b::1 198.51.100.1", Run("dual"));
        Add("class", s => s with { LoadBalancerClass = "acme.example/lb" });
        Assert.Empty(_addresses.Reconcile("ns/class").Writes);
    }

    [Fact]
    public void An_address_is_free_at_once_though_the_end_of_its_service_is_looked_at_later()
    {
        Add("a");
        Assert.Equal("1", Last(Run("a")));
        Add("b", s => s with { LoadBalancerIP = "198.51.100.1" });
        Assert.Equal("", Run("b"));
        _caches.Services.Forget(_caches.Services.Find("ns/a")!);
        Assert.Equal("1", Last(Run("b")));
    }

    [Fact]
    public void A_service_that_is_no_load_balancer_any_more_loses_its_address()
    {
        Add("a");
        Run("a");
        var service = _caches.Services.Find("ns/a")!;
        Learn(service with { Spec = service.Spec with { Type = "ClusterIP" } });
        Assert.Equal("", Run("a"));
        Add("b");
        Assert.Equal("1", Last(Run("b")));
    }

    /// <summary>Runs the controller and does its writes; gives the addresses that stand in the status.</summary>
    private string Run(string name)
    {
        foreach (var write in _addresses.Reconcile($"ns/{name}").Writes.Cast<ObjectWrite.Patch>())
        {
            var service = _caches.Services.Find($"ns/{name}")!;
            var ingress = write.Body["status"]!["loadBalancer"]!["ingress"]?.AsArray()
                .Select(i => new LoadBalancerIngress((string?)i!["ip"], IpMode: (string?)i["ipMode"])).ToList();
            Learn(service with { Status = new(new(ingress)) });
        }
        var has = _caches.Services.Find($"ns/{name}")!.Status?.LoadBalancer?.Ingress ?? [];
        Assert.All(has, i => Assert.Equal("VIP", i.IpMode));
        return string.Join(' ', has.Select(i => i.Ip));
    }

    private void Add(string name, Func<ServiceObjectSpec, ServiceObjectSpec>? change = null)
    {
        ServiceObjectSpec spec = new() { Type = "LoadBalancer", IpFamilies = ["IPv4"] };
        Learn(new ServiceObject
        {
            Metadata = new() { Name = name, Namespace = "ns", Uid = "uid-" + name },
            Spec = change?.Invoke(spec) ?? spec,
        });
    }

    private void Learn(ServiceObject service) => _caches.Services.Learn(service with
    {
        Metadata = service.Metadata with { ResourceVersion = $"{++_version}" },
    });

    private static string IngressOf(Reconciliation todo) =>
        Assert.IsType<ObjectWrite.Patch>(Assert.Single(todo.Writes)).Body["status"]!.ToJsonString();

    private static string Last(string address) => address.Length == 0 ? "-" : address[(address.LastIndexOf('.') + 1)..];
}
