using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Causeway.Core.Addressing;
using Causeway.Core.Services;
using Causeway.Core.Services.Iptables;

namespace Causeway.Core.Tests.Services;

/// <summary>What <c>iptables-save</c> shows of one service of each kind, in files that people can read. Set
/// <c>CAUSEWAY_WRITE_CASES</c> to write them anew, and read the difference.</summary>
public sealed class IptablesGoldenTests
{
    private static readonly ServicePortPlan Web = new()
    {
        Key = new(new("ns1", "svc1", "p80"), IpFamily.V4), ClusterIp = IpAddress.Parse("10.96.0.20"), Port = 80,
        HasEndpoints = true, ClusterEndpoints = Endpoints("10.244.1.5", "10.244.2.5", "10.244.3.5"),
    };

    private static readonly Dictionary<string, (IpFamily Family, string Cidrs, ServicePortPlan Plan)> Cases = new()
    {
        ["cluster-ip"] = (IpFamily.V4, "10.244.0.0/16", Web),
        ["affinity"] = (IpFamily.V4, "10.244.0.0/16", Web with { AffinitySeconds = 10800 }),
        ["no-endpoints"] = (IpFamily.V4, "10.244.0.0/16", Web with
        {
            HasEndpoints = false, ClusterEndpoints = [], NodePort = 30080, ExternalIps = [IpAddress.Parse("192.0.2.1")],
        }),
        ["no-local-endpoints"] = (IpFamily.V4, "10.244.0.0/16",
            Web with { InternalLocal = true, ExternalLocal = true, NodePort = 30080 }),
        ["node-port"] = (IpFamily.V4, "10.244.0.0/16", Web with { NodePort = 30080 }),
        ["external-local"] = (IpFamily.V4, "10.244.0.0/16", Web with
        {
            NodePort = 30080, ExternalLocal = true, HealthCheckNodePort = 32000, LocalEndpoints = Endpoints("10.244.1.5"),
            LoadBalancerVips = [IpAddress.Parse("203.0.113.7")],
        }),
        ["source-ranges"] = (IpFamily.V4, "10.244.0.0/16", Web with
        {
            LoadBalancerVips = [IpAddress.Parse("203.0.113.7")], AllowsFromVips = true,
            SourceRanges = [Prefix.Parse("198.51.100.0/24")],
        }),
        ["several-ranges"] = (IpFamily.V4, "10.9.0.0/16 10.244.0.0/16", Web with { NodePort = 30080, ExternalLocal = true }),
        ["ipv6-udp"] = (IpFamily.V6, "fd00:244::/48", Web with
        {
            Key = new(new("kube-system", "kube-dns", "dns", TransportProtocol.Udp), IpFamily.V6),
            ClusterIp = IpAddress.Parse("fd00:96::a"), Port = 53, ClusterEndpoints = Endpoints("fd00:244::5", "fd00:244:0:1::5"),
        }),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_case_is_as_its_file_says(string name)
    {
        var (family, cidrs, plan) = Cases[name];
        IptablesServices services = new(family)
        {
            Scope = new() { ClusterCidrs = [.. cidrs.Split(' ').Select(c => Prefix.Parse(c))] },
        };
        services.Set(plan.Key, plan);
        IptablesTables kernel = new();
        kernel.Restore(IptablesRepair.Of(services, kernel.Read()).Script);
        var text = kernel.Save("filter") + kernel.Save("nat");
        var path = Path.Combine(Directory(), $"{name}.rules");
        if (Environment.GetEnvironmentVariable("CAUSEWAY_WRITE_CASES") is not null) File.WriteAllText(path, text);
        Assert.Equal(File.ReadAllText(path), text);
    }

    private static ImmutableArray<ServiceEndpoint> Endpoints(params string[] addresses) =>
        [.. addresses.Select(a => new ServiceEndpoint(IpAddress.Parse(a), 8080))];

    private static string Directory([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Cases", "Iptables");
}
