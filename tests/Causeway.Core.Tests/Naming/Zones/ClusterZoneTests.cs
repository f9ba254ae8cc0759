using Causeway.Core.Cluster;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;
using static Causeway.Core.Tests.Naming.Zones.ZoneObjects;

namespace Causeway.Core.Tests.Naming.Zones;

public sealed class ClusterZoneTests
{
    private static readonly ClusterZone Shop = Zone(Index(
        Namespace("shop"), Namespace("empty"),
        Service("shop", "web", "10.96.0.11", "http:80", "dns:53/UDP"),
        Slice("shop", "web", "web-1", ["http:8080"], "10.244.1.2", "10.244.1.3=first"),
        Service("shop", "dual", "10.96.0.12,fd00::c", "http:80"),
        Service("shop", "db", "None", "pg:5432"),
        Slice("shop", "db", "db-1", ["pg:5432"], "10.244.1.4=db-0", "10.244.2.4=db-1", "!10.244.2.5=db-2"),
        Slice("shop", "db", "db-2", ["pg:5432"], "fd01::4=db-0"),
        Service("shop", "asleep", "None", "pg:5432"),
        Slice("shop", "asleep", "asleep-1", ["pg:5432"], "!10.244.2.9"),
        Service("shop", "pending", ""),
        External("shop", "away", "www.example.org")), null, "10.244.1.2");

    [Theory]
    [InlineData("web.shop.svc.cluster.local.", "A", "10.96.0.11")]
    [InlineData("web.shop.svc.cluster.local.", "AAAA", "NODATA")]
    [InlineData("web.shop.svc.cluster.local.", "TXT", "NODATA")]
    [InlineData("WEB.Shop.SVC.cluster.LOCAL.", "A", "10.96.0.11")]
    [InlineData("dual.shop.svc.cluster.local.", "AAAA", "fd00::c")]
    [InlineData("db.shop.svc.cluster.local.", "A", "10.244.1.4 10.244.2.4")]
    [InlineData("db.shop.svc.cluster.local.", "AAAA", "fd01::4")]
    [InlineData("db-1.db.shop.svc.cluster.local.", "A", "10.244.2.4")]
    [InlineData("db-2.db.shop.svc.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("db-1.db.shop.svc.cluster.local.", "AAAA", "NODATA")]
    [InlineData("first.web.shop.svc.cluster.local.", "A", "10.244.1.3")]
    [InlineData("10-244-1-2.web.shop.svc.cluster.local.", "A", "10.244.1.2")]
    [InlineData("10-244-1-3.web.shop.svc.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("asleep.shop.svc.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("pending.shop.svc.cluster.local.", "A", "NODATA")]
    [InlineData("away.shop.svc.cluster.local.", "A", "www.example.org.")]
    [InlineData("_http._tcp.away.shop.svc.cluster.local.", "SRV", "NXDOMAIN")]
    [InlineData("_http._tcp.web.shop.svc.cluster.local.", "SRV", "0 100 80 web.shop.svc.cluster.local.")]
    [InlineData("_dns._udp.web.shop.svc.cluster.local.", "SRV", "0 100 53 web.shop.svc.cluster.local.")]
    [InlineData("_http._udp.web.shop.svc.cluster.local.", "SRV", "NXDOMAIN")]
    [InlineData("_http._tcp.web.shop.svc.cluster.local.", "A", "10.96.0.11")]
    [InlineData("_pg._tcp.db.shop.svc.cluster.local.", "SRV",
        "0 50 5432 db-0.db.shop.svc.cluster.local. 0 50 5432 db-1.db.shop.svc.cluster.local.")]
    [InlineData("web.shop.svc.cluster.local.", "SRV",
        "0 50 53 web.shop.svc.cluster.local. 0 50 80 web.shop.svc.cluster.local.")]
    [InlineData("_tcp.web.shop.svc.cluster.local.", "SRV", "NODATA")]
    [InlineData("_sctp.web.shop.svc.cluster.local.", "SRV", "NXDOMAIN")]
    [InlineData("nobody.shop.svc.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("web.nowhere.svc.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("empty.svc.cluster.local.", "A", "NODATA")]
    [InlineData("nowhere.svc.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("svc.cluster.local.", "A", "NODATA")]
    [InlineData("cluster.local.", "A", "NODATA")]
    [InlineData("cluster.local.", "NS", "web.shop.svc.cluster.local.")]
    [InlineData("ns.dns.cluster.local.", "A", "10.96.0.11")]
    [InlineData("dns-version.cluster.local.", "TXT", "\"1.1.0\"")]
    [InlineData("dns-version.cluster.local.", "A", "NODATA")]
    [InlineData("google.example.shop.svc.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("a.b.c.d.e.f.g.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("10-0-0-1.shop.pod.cluster.local.", "A", "NXDOMAIN")]
    [InlineData("shop.pod.cluster.local.", "A", "NXDOMAIN")]
    public void Names_answer_as_the_specification_says(string name, string type, string expected) =>
        Assert.Equal(expected, Ask(Shop, name, Enum.Parse<DnsType>(type)));

    [Fact]
    public void A_server_without_a_service_names_itself()
    {
        var zone = Zone(Index(), null, "192.0.2.1");
        Assert.Equal("ns.dns.cluster.local.", Ask(zone, "cluster.local.", DnsType.NS));
        Assert.Equal("192.0.2.1", Ask(zone, "ns.dns.cluster.local.", DnsType.A));
    }

    [Theory]
    [InlineData(PodNames.Insecure, "10-1-2-3", "10.1.2.3")]
    [InlineData(PodNames.Insecure, "10-1-2-256", "NXDOMAIN")]
    [InlineData(PodNames.Insecure, "web", "NXDOMAIN")]
    [InlineData(PodNames.Verified, "10-1-2-3", "10.1.2.3")]
    [InlineData(PodNames.Verified, "10-1-2-4", "NXDOMAIN")]
    public void Pods_have_names_of_their_addresses(PodNames mode, string label, string expected)
    {
        var pod = new Pod
        {
            Metadata = new() { Namespace = "shop", Name = "one" },
            Status = new() { Phase = "Running", PodIPs = [new("10.1.2.3")] },
        };
        var index = Index(Namespace("shop"), pod);
        var zone = Zone(index, Settings with { Pods = mode });
        Assert.Equal(expected, Ask(zone, $"{label}.shop.pod.cluster.local.", DnsType.A));
        Assert.Equal("NXDOMAIN", Ask(zone, $"{label}.other.pod.cluster.local.", DnsType.A));
        // Another pod of the namespace took the address over before this one was gone.
        index.Set(pod with { Metadata = new() { Namespace = "shop", Name = "two" } });
        index.Removed(pod);
        Assert.Equal(expected, Ask(zone, $"{label}.shop.pod.cluster.local.", DnsType.A));
    }

    [Fact]
    public void Endpoints_are_called_after_their_pods_where_that_is_wanted()
    {
        var index = Index(Service("shop", "db", "None"), Slice("shop", "db", "db-1", ["pg:5432"], "10.1.2.3"));
        var zone = Zone(index, Settings with { EndpointPodNames = true });
        Assert.Equal("10.1.2.3", Ask(zone, "pod-of-10-1-2-3.db.shop.svc.cluster.local.", DnsType.A));
        Assert.Equal("NXDOMAIN", Ask(zone, "10-1-2-3.db.shop.svc.cluster.local.", DnsType.A));
    }

    [Fact]
    public void Every_answer_says_why_and_of_which_object()
    {
        var answer = Shop.Answer(new(DnsName.Parse("asleep.shop.svc.cluster.local."), DnsType.A));
        Assert.Equal("Service shop/asleep", answer.Origin);
        Assert.Contains("ready endpoints", answer.Why, StringComparison.Ordinal);
        Assert.Equal(
            "there is no namespace nowhere",
            Shop.Answer(new(DnsName.Parse("web.nowhere.svc.cluster.local."), DnsType.A)).Why);
    }

    [Fact]
    public void Addresses_have_names_too()
    {
        var index = Index(
            Service("shop", "web", "10.96.0.11,fd00::b"), Service("shop", "db", "None"),
            Slice("shop", "db", "db-1", [], "10.244.1.4=db-0", "10.244.1.5"), Service("shop", "too", "10.96.0.12"),
            Slice("shop", "too", "too-1", [], "10.244.1.5"));
        ReverseZone zone = new(index, ReverseName.V4, Settings);
        string Ask(string address) => string.Join(
            ' ', zone.Answer(new(ReverseName.Of(Core.Addressing.IpAddress.Parse(address)), DnsType.PTR)).Answers
                .Select(r => r.Data.NameAt(0).ToString()));
        Assert.Equal("web.shop.svc.cluster.local.", Ask("10.96.0.11"));
        Assert.Equal("web.shop.svc.cluster.local.", Ask("fd00::b"));
        Assert.Equal("db-0.db.shop.svc.cluster.local.", Ask("10.244.1.4"));
        Assert.Equal("10-244-1-5.db.shop.svc.cluster.local. 10-244-1-5.too.shop.svc.cluster.local.", Ask("10.244.1.5"));
        Assert.Equal("", Ask("10.244.1.6"));
        index.Removed(Service("shop", "web", "10.96.0.11,fd00::b"));
        Assert.Equal("", Ask("10.96.0.11"));
    }

    [Theory]
    [InlineData("10.96.0.1")]
    [InlineData("fd00::1234:0:0:1")]
    public void A_reverse_name_reads_back(string address)
    {
        var parsed = Core.Addressing.IpAddress.Parse(address);
        Assert.True(ReverseName.TryRead(ReverseName.Of(parsed), out var back));
        Assert.Equal(parsed, back);
    }

    [Fact]
    public void Hostile_objects_are_left_out_and_told()
    {
        List<string> told = [];
        NameIndex index = new(told.Add);
        index.Set(Service("shop", new string('x', 300), "10.96.0.1"));
        index.Set(Service("shop", "web", "10.96.0.1.5"));
        index.Set(External("shop", "away", "1.2.3.4"));
        index.Set(External("shop", "far", "a..b"));
        index.Set(Slice("shop", "web", "web-1", [], "not-an-address", "10.0.0.1=two.labels"));
        Assert.Equal(6, told.Count);
        Assert.All(told, t => Assert.True(t.Length < 300));
    }
}
