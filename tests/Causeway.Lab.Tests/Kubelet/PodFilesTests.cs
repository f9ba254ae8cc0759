using Causeway.Core.Addressing;
using Causeway.Core.Naming.Resolving;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Objects;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class PodFilesTests
{
    private static readonly NodeDns Node = new(
        [IpAddress.Parse("10.96.0.10")], "cluster.local",
        ResolvConf.Read("nameserver 9.9.9.9\nsearch corp.example\noptions timeout:1\n"));

    [Theory]
    [InlineData("{}", "search ns.svc.cluster.local svc.cluster.local cluster.local corp.example\n"
        + "nameserver 10.96.0.10\noptions ndots:5\n")]
    [InlineData("""{"hostNetwork":true}""", "search corp.example\nnameserver 9.9.9.9\noptions timeout:1\n")]
    [InlineData(
        """{"dnsPolicy":"None","dnsConfig":{"nameservers":["1.1.1.1"],"options":[{"name":"edns0"}]}}""",
        "nameserver 1.1.1.1\noptions edns0\n")]
    [InlineData(
        """{"dnsPolicy":"Default","dnsConfig":{"searches":["x.y"],"options":[{"name":"ndots","value":"2"}]}}""",
        "search corp.example x.y\nnameserver 9.9.9.9\noptions timeout:1 ndots:2\n")]
    public void Resolv_conf_follows_the_pod(string spec, string expected) => Assert.Equal(
        expected, PodFiles.ResolvConf(Pod("p", specJson: spec), Node).Conf.ToString());

    [Fact]
    public void Hosts_names_the_pod_by_all_its_addresses()
    {
        var pod = Pod("p", specJson:
            """{"subdomain":"sub","hostAliases":[{"ip":"10.1.1.1","hostnames":["a","b"]}]}""");
        var hosts = PodFiles.Hosts(pod, "n1", ["10.244.0.2", "fd00::2"], "cluster.local");
        Assert.Contains("10.244.0.2\tp.sub.ns.svc.cluster.local\tp\n", hosts);
        Assert.Contains("fd00::2\tp.sub.ns.svc.cluster.local\tp\n", hosts);
        Assert.EndsWith("10.1.1.1\ta\tb\n", hosts);
    }

    [Fact]
    public void On_a_nodes_network_hosts_names_the_node()
    {
        var hosts = PodFiles.Hosts(
            Pod("p", specJson: """{"hostNetwork":true,"subdomain":"sub"}"""), "n1", ["172.30.0.11"], "cluster.local");
        Assert.StartsWith("# Kubernetes-managed hosts file (host network).\n", hosts);
        Assert.EndsWith("172.30.0.11\tn1\n", hosts);
    }

    [Theory]
    [InlineData("""{"hostNetwork":true}""", "n1")]
    [InlineData("""{"hostname":"given"}""", "given")]
    [InlineData("""{"subdomain":"sub"}""", "p")]
    [InlineData("""{"subdomain":"sub","setHostnameAsFQDN":true}""", "p.sub.ns.svc.cluster.local")]
    [InlineData("""{"setHostnameAsFQDN":true}""", "p")]
    public void The_host_name_is_the_pods(string spec, string expected)
    {
        var pod = Pod("p", specJson: spec);
        Assert.Equal(expected, PodFiles.HostName(pod, "n1", "cluster.local"));
        Assert.Null(PodFiles.HostNameFault(pod, "n1", "cluster.local"));
    }

    [Fact]
    public void A_host_name_fits_into_the_kernel()
    {
        Assert.Equal(63, PodFiles.HostName(Pod(new string('p', 80)), "n1", "cluster.local").Length);
        var full = Pod(new string('p', 50), specJson: """{"subdomain":"sub","setHostnameAsFQDN":true}""");
        Assert.Contains("FQDN " + new string('p', 50) + ".sub.ns.svc.cluster.local is too long (64 characters is the max, "
            + "75 characters requested)", PodFiles.HostNameFault(full, "n1", "cluster.local"));
    }
}
