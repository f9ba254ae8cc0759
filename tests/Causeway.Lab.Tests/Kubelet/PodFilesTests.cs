using System.Text.Json;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Objects;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class PodFilesTests
{
    private const string NodeFile = "nameserver 9.9.9.9\nsearch corp.example\noptions timeout:1\n";

    [Theory]
    [InlineData("{}", "search ns.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n")]
    [InlineData("""{"dnsPolicy":"Default"}""", NodeFile)]
    [InlineData("""{"hostNetwork":true}""", NodeFile)]
    [InlineData(
        """{"dnsPolicy":"None","dnsConfig":{"nameservers":["1.1.1.1"],"options":[{"name":"edns0"}]}}""",
        "nameserver 1.1.1.1\noptions edns0\n")]
    [InlineData(
        """{"dnsConfig":{"searches":["x.y"],"options":[{"name":"ndots","value":"2"}]}}""",
        "search ns.svc.cluster.local svc.cluster.local cluster.local x.y\nnameserver 10.96.0.10\noptions ndots:2\n")]
    [InlineData(
        """{"dnsPolicy":"Default","dnsConfig":{"searches":["x.y"]}}""",
        "search corp.example x.y\nnameserver 9.9.9.9\noptions timeout:1\n")]
    public void Resolv_conf_follows_the_policy(string spec, string expected) => Assert.Equal(
        expected, PodFiles.ResolvConf(Pod("p", specJson: spec), "10.96.0.10", "cluster.local", NodeFile));

    [Fact]
    public void Without_a_cluster_server_resolv_conf_says_so() =>
        Assert.StartsWith("#", PodFiles.ResolvConf(Pod("p"), null, "cluster.local", NodeFile));

    [Fact]
    public void Hosts_names_the_pod_by_all_its_addresses()
    {
        var pod = Pod("p", specJson:
            """{"subdomain":"sub","hostAliases":[{"ip":"10.1.1.1","hostnames":["a","b"]}]}""");
        var hosts = PodFiles.Hosts(pod, "p", ["10.244.0.2", "fd00::2"], "cluster.local");
        Assert.Contains("10.244.0.2\tp.sub.ns.svc.cluster.local\tp\n", hosts);
        Assert.Contains("fd00::2\tp.sub.ns.svc.cluster.local\tp\n", hosts);
        Assert.EndsWith("10.1.1.1\ta\tb\n", hosts);
    }

    [Fact]
    public void A_host_name_fits_into_the_kernel()
    {
        Assert.Equal("n1", PodFiles.HostName(Pod("p", specJson: """{"hostNetwork":true}"""), "n1"));
        Assert.Equal("given", PodFiles.HostName(Pod("p", specJson: """{"hostname":"given"}"""), "n1"));
        Assert.Equal(63, PodFiles.HostName(Pod(new string('p', 80)), "n1").Length);
    }
}
