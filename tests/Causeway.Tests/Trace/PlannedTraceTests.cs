using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;
using Causeway.Trace;

namespace Causeway.Tests.Trace;

public sealed class PlannedTraceTests
{
    private static TraceResult Run(ClusterSnapshot cluster, string from, string to) => PlannedTrace.Of(
        cluster, new(TraceTarget.Parse(from), TraceTarget.Parse(to), "default", null, Planned: true));

    private static ClusterSnapshot With(ClusterSnapshot cluster, string name, PodSpec spec, PodStatus status) => cluster with
    {
        Pods = cluster.Pods.Add($"default/{name}", new()
        {
            Metadata = new() { Namespace = "default", Name = name }, Spec = spec, Status = status,
        }),
    };

    [Theory]
    [InlineData(Encapsulation.Vxlan)]
    [InlineData(Encapsulation.VxlanCrossSubnet)]
    [InlineData(Encapsulation.None)]
    public void A_good_plan_reaches_everything(Encapsulation encapsulation)
    {
        var cluster = KernelCluster.Objects(encapsulation);
        foreach (var target in new[] { "b", "10.244.2.5", "fd10::2:5", "192.168.7.1", "192.168.7.2", "fd00:7::2", "a" })
        {
            var result = Run(cluster, "a", target);
            Assert.True(result.Verdict == Verdict.Reachable, $"{target}: {TraceJson.Of(result)}");
        }
    }

    [Fact]
    public void A_service_is_followed_before_it_is_there_and_a_port_that_it_has_not_is_named()
    {
        var cluster = KernelCluster.Objects(Encapsulation.Vxlan);
        cluster = cluster with
        {
            Services = cluster.Services.Add("default/web", new()
            {
                Metadata = new() { Namespace = "default", Name = "web" },
                Spec = new() { ClusterIP = "10.96.0.20", Ports = [new("", "TCP", 80)] },
            }),
        };
        Assert.Equal(CauseCode.NoEndpoints, Run(cluster, "a", "web:80").Cause!.Code);
        Assert.Equal(CauseCode.ServicePort, Run(cluster, "a", "web:81").Cause!.Code);
        cluster = cluster with
        {
            EndpointSlices = cluster.EndpointSlices.Add("default/web-1", new()
            {
                Metadata = new()
                {
                    Namespace = "default", Name = "web-1",
                    Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = "web" },
                },
                AddressType = "IPv4", Ports = [new("", "TCP", 8080)], Endpoints = [new() { Addresses = ["10.244.2.5"] }],
            }),
        };
        var result = Run(cluster, "a", "web:80");
        Assert.True(result.Verdict == Verdict.Reachable, TraceJson.Of(result).ToString());
        Assert.Contains(result.Forward.Hops, h => h.Action == "translates 10.96.0.20:80 to 10.244.2.5:8080");
    }

    private static ClusterSnapshot WithDns(bool ready)
    {
        ClusterSnapshot cluster = KernelCluster.Objects(Encapsulation.Vxlan);
        cluster = With(cluster, "a", new() { NodeName = "n1" }, new() { Phase = "Running", PodIPs = [new("10.244.1.5")] });
        Service Of(string ns, string name, string address, string protocol, int port) => new()
        {
            Metadata = new() { Namespace = ns, Name = name },
            Spec = new() { ClusterIP = address, ClusterIPs = [address], Ports = [new("", protocol, port)] },
        };
        EndpointSlice Slice(string ns, string name, string protocol, int port) => new()
        {
            Metadata = new()
            {
                Namespace = ns, Name = $"{name}-1",
                Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = name },
            },
            AddressType = "IPv4", Ports = [new("", protocol, port)], Endpoints = [new() { Addresses = ["10.244.2.5"] }],
        };
        cluster = cluster with
        {
            Namespaces = cluster.Namespaces.Add("default", new() { Metadata = new() { Name = "default" } }),
            Services = cluster.Services
                .Add("kube-system/kube-dns", Of("kube-system", "kube-dns", "10.96.0.10", "UDP", 53))
                .Add("default/web", Of("default", "web", "10.96.0.20", "TCP", 80)),
            EndpointSlices = cluster.EndpointSlices.Add("default/web-1", Slice("default", "web", "TCP", 8080)),
        };
        return ready
            ? cluster with { EndpointSlices = cluster.EndpointSlices.Add("kube-system/kube-dns-1", Slice("kube-system", "kube-dns", "UDP", 53)) }
            : cluster;
    }

    [Theory]
    [InlineData("web:80", Verdict.Reachable, null)]
    [InlineData("web.default:80", Verdict.Reachable, null)]
    [InlineData("web.default.svc.cluster.local.:80", Verdict.Reachable, null)]
    [InlineData("web:81", Verdict.Unreachable, CauseCode.ServicePort)]
    [InlineData("wbe:80", Verdict.Unreachable, CauseCode.NameNotFound)]
    [InlineData("google.example", Verdict.Unknown, CauseCode.NameUnknown)]
    public void A_name_is_looked_up_and_then_its_address_is_traced(string name, Verdict verdict, CauseCode? cause)
    {
        var result = Run(WithDns(ready: true), "a", name);
        Assert.True((verdict, cause) == (result.Verdict, result.Cause?.Code), TraceJson.Of(result).ToString());
        Assert.Equal(Verdict.Reachable, result.Lookup!.Ways[^1].Way.Verdict);
        Assert.Contains(result.Lookup.Ways[^1].Way.Forward.Hops, h => h.Action == "translates 10.96.0.10:53 to 10.244.2.5:53");
    }

    [Fact]
    public void A_name_is_not_found_where_no_dns_server_is_ready()
    {
        var result = Run(WithDns(ready: false), "a", "web:80");
        Assert.Equal((Verdict.Unreachable, CauseCode.NoEndpoints), (result.Verdict, result.Cause!.Code));
        Assert.StartsWith("the name is not looked up: 10.96.0.10 (line 2 of resolv.conf) is not reached", result.Cause.Message);
        // Who is named with a namespace is an object, not a name of DNS.
        Assert.Equal(Verdict.Reachable, Run(WithDns(ready: false), "a", "default/web:80").Verdict);
    }

    [Fact]
    public void The_text_shows_every_question_and_advises_on_ndots()
    {
        using var text = new StringWriter();
        new TraceText(text, colour: false).Write("trace", Run(WithDns(ready: true), "a", "google.example"));
        var lines = text.ToString();
        Assert.Contains("search default.svc.cluster.local svc.cluster.local cluster.local (line 1)", lines);
        Assert.Contains("A, AAAA NXDOMAIN: there is no namespace example", lines);
        Assert.Contains("8 questions", lines);
        Assert.Contains("note: ndots:5 (line 3 of resolv.conf)", lines);
        Assert.Contains("unknown: the address of google.example is known only by asking [name-unknown]", lines);
    }

    [Fact]
    public void A_block_that_nobody_claims_is_found_before_it_happens()
    {
        var cluster = KernelCluster.Objects(Encapsulation.None);
        var lost = cluster.Affinities.Single(a => a.Value.Spec.Cidr == "10.244.2.0/26");
        var result = Run(cluster with { Affinities = cluster.Affinities.Remove(lost.Key) }, "a", "b");
        Assert.NotEqual(Verdict.Reachable, result.Verdict);
        Assert.Equal("n1", result.Cause!.Node);
    }

    [Fact]
    public void Pods_that_cannot_be_traced_get_exact_answers()
    {
        var cluster = KernelCluster.Objects(Encapsulation.Vxlan);
        Cause CauseOf(PodSpec spec, PodStatus status) => Run(With(cluster, "x", spec, status), "a", "x").Cause!;

        Assert.Equal(CauseCode.PodNotRunning, CauseOf(new(), new() { Phase = "Pending" }).Code);
        Assert.Contains("Succeeded", CauseOf(new() { NodeName = "n1" }, new() { Phase = "Succeeded" }).Message);
        var waiting = CauseOf(new() { NodeName = "n2" }, new() { Phase = "Pending" });
        Assert.Equal((CauseCode.PodWithoutAddress, "n2"), (waiting.Code, waiting.Node));
        Assert.Contains("default/nobody",
            Assert.Throws<InputException>(() => Run(cluster, "a", "nobody")).Message);
    }

    [Fact]
    public void Pods_on_the_host_network_are_traced_as_their_node()
    {
        var cluster = KernelCluster.Objects(Encapsulation.Vxlan);
        cluster = cluster with
        {
            Nodes = cluster.Nodes.SetItem("n2", cluster.Nodes["n2"] with
            {
                Status = new([new("InternalIP", "192.168.7.2")]),
            }),
        };
        cluster = With(cluster, "x", new() { NodeName = "n2", HostNetwork = true }, new() { Phase = "Running" });
        var result = Run(cluster, "a", "x:80");
        Assert.Equal(Verdict.Reachable, result.Verdict);
        Assert.Contains(result.Notes, n => n.Contains("traced as node n2"));
        Assert.Contains(result.Notes, n => n.Contains("tcp port 80 was not checked"));
    }

    [Theory]
    [InlineData("10.0.0.1", "b", null)]
    [InlineData("a:80", "b", null)]
    [InlineData("a", "b:80", TransportProtocol.Icmp)]
    public void What_cannot_be_sent_is_refused(string from, string to, TransportProtocol? protocol) =>
        Assert.Throws<InputException>(() => TraceRun.Check(
            new(TraceTarget.Parse(from), TraceTarget.Parse(to), "default", protocol, Planned: true)));

    [Fact]
    public void The_text_ends_in_verdict_cause_and_fix()
    {
        var cluster = KernelCluster.Objects(Encapsulation.Vxlan);
        using var good = new StringWriter();
        new TraceText(good, colour: false).Write("planned trace", Run(cluster, "a", "10.244.2.5"));
        var lines = good.ToString().TrimEnd().Split('\n');
        Assert.Equal("reachable: the packet arrives, and the reply comes back", lines[^1]);
        Assert.Contains(lines, l => l.StartsWith("  default/a (n1)  address    has 10.244.1.5 on eth0"));
        Assert.Contains(lines, l => l.EndsWith("<- BlockAffinity/n2-10-244-2-0-26"));

        using var bad = new StringWriter();
        new TraceText(bad, colour: true).Write("planned trace", Run(
            With(cluster, "x", new() { NodeName = "n1" }, new() { Phase = "Failed" }), "a", "x"));
        Assert.Contains("\u001b[31munreachable\u001b[0m: pod default/x has ended", bad.ToString());
        Assert.Contains("[pod-not-running]", bad.ToString());
    }
}
