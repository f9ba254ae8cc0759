using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Linux.Kernel;

namespace Causeway.Linux.Tests.Services;

/// <summary>The records that a plan is traced by are what the kernel lists when it has the plan.</summary>
public sealed class NftPlanTests
{
    [Theory]
    [InlineData(IpFamily.V4)]
    [InlineData(IpFamily.V6)]
    public void What_is_planned_is_what_is_captured(IpFamily family)
    {
        using ServiceLab lab = new(family, 3);
        var ports = Plans(lab, family).ToImmutableSortedDictionary(p => p.Key, p => p);
        lab.Load([.. ports.Values]);
        using var driver = KernelDriver.Open(lab.Node.Path);
        var captured = driver.Capture(EntryKind.NftTable).All<NftTable>().Single(t => t.Name == NftSets.Table);
        var planned = NftPlan.Tables(new(ports, lab.Scope, [])).Single(t => t.Family == captured.Family);
        Assert.Equal(NftText.Print(planned with { Sets = [.. planned.Sets.Select(Plain)] }), NftText.Print(captured));
        Assert.True(captured.Fulfils(planned));
    }

    // What the tool's JSON does not give back.
    private static NftSet Plain(NftSet set) => set with { TypeOf = null, Dynamic = false };

    private static IEnumerable<ServicePortPlan> Plans(ServiceLab lab, IpFamily family)
    {
        var number = 0;
        foreach (var seconds in new[] { 0, 60 })
        foreach (var external in new[] { false, true })
        foreach (var internals in new[] { false, true })
        foreach (var count in new[] { 0, 1, 3 })
        {
            number++;
            ImmutableArray<ServiceEndpoint> endpoints = [.. Enumerable.Range(1, count).Select(
                p => new ServiceEndpoint(IpAddress.Parse(lab.PodAddress(p)), 8080, IsLocal: p != 2))];
            IpAddress Address(int net) => IpAddress.Parse(
                family == IpFamily.V4 ? $"10.{net}.0.{number}" : $"fd00:{net}::{number:x}");
            yield return new()
            {
                Key = new(new("ns", $"s{number:00}", "", TransportProtocol.Udp), family), ClusterIp = Address(96), Port = 80,
                NodePort = (ushort)(30000 + number), LoadBalancerVips = [Address(97)], ExternalIps = [Address(98)],
                SourceRanges = [Prefix.Parse(family == IpFamily.V4 ? "192.0.2.0/24" : "2001:db8::/48"), Address(99).Host],
                AllowsFromVips = internals, AffinitySeconds = seconds, ExternalLocal = external, InternalLocal = internals,
                ClusterEndpoints = endpoints, LocalEndpoints = [.. endpoints.Where(e => e.IsLocal)], HasEndpoints = count > 0,
            };
        }
    }
}
