using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Nftables;

/// <summary>What one service port is in the kernel: elements, and the classes that they go to.</summary>
public sealed record NftRendering(IReadOnlyList<NftElement> Elements, IReadOnlyList<NftClass> Classes)
{
    /// <summary>Answers with ICMP port unreachable.</summary>
    public const string RejectChain = "refuse";

    public const string DropChain = "discard";

    public static NftRendering Of(ServicePortPlan plan) => new Writer(plan).Write();

    private sealed class Writer(ServicePortPlan plan)
    {
        private readonly List<NftElement> _elements = [];
        private readonly HashSet<NftClass> _classes = [];
        private readonly string _comment = Comment(plan.Key.Name.ToString());
        private readonly ImmutableArray<ServiceEndpoint> _cluster = Ordered(plan, plan.ClusterEndpoints);
        private readonly ImmutableArray<ServiceEndpoint> _local = Ordered(plan, plan.LocalEndpoints);

        public NftRendering Write()
        {
            var internals = plan.InternalLocal ? _local : _cluster;
            var clusterIp = At(plan.ClusterIp);
            if (plan.InternalRefusal == NoEndpoint.None)
            {
                Serve(NftSets.ServiceIps, clusterIp, new(
                    false, NftSource.OffCluster, internals.Length, AffinitySeconds: plan.AffinitySeconds));
                Choices(NftSets.Endpoints, clusterIp, internals);
            }
            else
            {
                Refuse(NftSets.NoEndpoints, clusterIp, plan.InternalRefusal);
            }
            foreach (var address in plan.ExternalIps.Union(plan.LoadBalancerVips)) External(false, At(address));
            if (plan.NodePort != 0) External(true, NftData.Of(plan.Protocol).Then(plan.NodePort));
            Guard();
            Hairpins();
            return new(_elements, [.. _classes.Order()]);
        }

        private void External(bool nodePort, NftData key)
        {
            if (plan.ExternalRefusal != NoEndpoint.None)
                Refuse(nodePort ? NftSets.NoEndpointNodePorts : NftSets.NoEndpoints, key, plan.ExternalRefusal);
            if (!plan.HasEndpoints) return;
            var source = plan.ExternalLocal ? NftSource.Local : NftSource.Masquerade;
            var local = plan.ExternalLocal ? _local : [];
            Serve(nodePort ? NftSets.ServiceNodePorts : NftSets.ServiceIps, key, new(
                nodePort, source, _cluster.Length, local.Length, plan.AffinitySeconds));
            Choices(nodePort ? NftSets.NodePortEndpoints : NftSets.Endpoints, key, _cluster);
            Choices(nodePort ? NftSets.LocalNodePortEndpoints : NftSets.LocalEndpoints, key, local);
        }

        private void Serve(NftSetShape map, NftData key, NftClass chain)
        {
            _classes.Add(chain);
            _elements.Add(new(new(map.Name, key), NftElementValue.Goto(chain.Chain, _comment)));
        }

        private void Refuse(NftSetShape map, NftData key, NoEndpoint how) => _elements.Add(new(
            new(map.Name, key),
            NftElementValue.Goto(how == NoEndpoint.Reject ? RejectChain : DropChain, _comment)));

        private void Choices(NftSetShape map, NftData key, ImmutableArray<ServiceEndpoint> endpoints)
        {
            for (var i = 0; i < endpoints.Length; i++)
            {
                var value = NftData.Of(endpoints[i].Address).Then(endpoints[i].Port);
                _elements.Add(new(new(map.Name, key.ThenIndex(i)), NftElementValue.Of(value)));
            }
        }

        private void Guard()
        {
            if (plan.SourceRanges.IsEmpty) return;
            List<Prefix> ranges = [.. plan.SourceRanges];
            if (plan.AllowsFromVips)
            {
                ranges.AddRange(plan.LoadBalancerVips.Where(v => !plan.SourceRanges.Any(r => r.Contains(v)))
                    .Select(v => v.Host));
            }
            foreach (var address in plan.LoadBalancerVips)
            {
                var key = At(address);
                _elements.Add(new(new(NftSets.Guarded.Name, key), NftElementValue.Member));
                foreach (var range in ranges)
                {
                    _elements.Add(new(
                        new(NftSets.SourceRanges.Name, key.Then(range.Address), key.Then(range.Last)),
                        NftElementValue.Member));
                }
            }
        }

        private void Hairpins()
        {
            foreach (var address in _cluster.Concat(_local).Where(e => e.CanHairpin).Select(e => e.Address).Distinct())
                _elements.Add(new(new(NftSets.Hairpins.Name, NftData.Of(address).Then(address)), NftElementValue.Member));
        }

        // The tool's limit is 128 bytes with the zero at the end.
        private static string Comment(string name) => name.Length < 128 ? name : name[..127];

        private NftData At(IpAddress address) => NftData.Of(address).Then(plan.Protocol).Then(plan.Port);

        private static ImmutableArray<ServiceEndpoint> Ordered(
            ServicePortPlan plan, ImmutableArray<ServiceEndpoint> endpoints) =>
            plan.AffinitySeconds == 0 ? endpoints : StickyOrder.Of(endpoints);
    }
}
