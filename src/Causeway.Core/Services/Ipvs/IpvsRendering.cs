using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Services.Ipvs;

/// <summary>A real server of a virtual one.</summary>
public readonly record struct IpvsReal(IpvsKey Server, IpAddress Address, ushort Port)
{
    public override string ToString() => $"{Server} -> {new IpvsKey(Server.Protocol, Address, Port)}";
}

/// <summary>What one service port is in the kernel.</summary>
internal sealed record IpvsRendering
{
    public List<KeyValuePair<IpvsKey, IpvsOptions>> Servers { get; } = [];

    public List<IpvsReal> Reals { get; } = [];

    /// <summary>On the device of the services.</summary>
    public List<IpAddress> Addresses { get; } = [];

    public List<IpvsMember> Members { get; } = [];

    /// <summary>Load balancers that the node itself must not use.</summary>
    public List<IpvsKey> Barred { get; } = [];

    /// <param name="nodeAddresses">Those that answer on node ports.</param>
    public static IpvsRendering Of(
        ServicePortPlan plan, IpvsSettings settings, ImmutableArray<IpAddress> nodeAddresses)
    {
        var writer = new Writer(plan, settings.Options(plan.AffinitySeconds));
        writer.Write(nodeAddresses);
        return writer.Result;
    }

    private sealed class Writer(ServicePortPlan plan, IpvsOptions options)
    {
        public IpvsRendering Result { get; } = new();

        public void Write(ImmutableArray<IpAddress> nodeAddresses)
        {
            Serve(plan.ClusterIp, plan.Port, plan.InternalEndpoints);
            Bind(plan.ClusterIp);
            Add(IpvsSets.ClusterIp, At(plan.ClusterIp));
            foreach (var address in plan.ExternalIps.Except(plan.LoadBalancerVips))
            {
                External(address);
                Add(plan.ExternalLocal ? IpvsSets.ExternalIpLocal : IpvsSets.ExternalIp, At(address));
            }
            foreach (var address in plan.LoadBalancerVips) LoadBalancer(address);
            if (plan.NodePort != 0) NodePort(nodeAddresses);
            if (plan.HealthCheckNodePort != 0)
                Add(IpvsSets.HealthCheckNodePort, Number(plan.HealthCheckNodePort));
            foreach (var e in plan.ClusterEndpoints.Union(plan.LocalEndpoints).Where(e => e.CanHairpin))
                Add(IpvsSets.LoopBack, $"{e.Address},{plan.Protocol.Word}:{Number(e.Port)},{e.Address}");
        }

        private void LoadBalancer(IpAddress address)
        {
            External(address);
            Add(IpvsSets.LoadBalancer, At(address));
            if (plan.ExternalLocal) Add(IpvsSets.LoadBalancerLocal, At(address));
            if (plan.SourceRanges.IsEmpty) return;
            Add(IpvsSets.LoadBalancerGuarded, At(address));
            foreach (var range in plan.SourceRanges.SelectMany(Halves))
                Add(IpvsSets.SourceCidr, $"{At(address)},{(range.IsHost ? range.Address : range)}");
            if (plan.AllowsFromVips) Add(IpvsSets.SourceIp, $"{At(address)},{address}");
            else Result.Barred.Add(new(plan.Protocol, address, plan.Port));
        }

        private void NodePort(ImmutableArray<IpAddress> nodeAddresses)
        {
            foreach (var address in nodeAddresses) Serve(address, plan.NodePort, ExternalServers());
            var sets = IpvsSets.NodePorts.First(n => n.Protocol == plan.Protocol);
            foreach (var set in plan.ExternalLocal ? new[] { sets.All, sets.Local } : [sets.All])
            {
                if (set.Type == IpvsSets.Ports) Add(set, Number(plan.NodePort));
                else foreach (var address in nodeAddresses) Add(set, At(address, plan.NodePort));
            }
        }

        private void External(IpAddress address)
        {
            Serve(address, plan.Port, ExternalServers());
            Bind(address);
        }

        // IPVS spreads by address and port alone, never by where packets come from: pods use the local endpoints
        // too. Without local ones pods of this node still reach the others, while answers to anybody outside come
        // from an address that they did not ask.
        private ImmutableArray<ServiceEndpoint> ExternalServers() =>
            plan.ExternalLocal && plan.LocalEndpoints.IsEmpty ? plan.ClusterEndpoints : plan.ExternalEndpoints;

        // Without a real server the kernel refuses with ICMP port unreachable.
        private void Serve(IpAddress address, ushort port, ImmutableArray<ServiceEndpoint> endpoints)
        {
            IpvsKey key = new(plan.Protocol, address, port);
            Result.Servers.Add(new(key, options));
            foreach (var endpoint in endpoints) Result.Reals.Add(new(key, endpoint.Address, endpoint.Port));
        }

        private void Bind(IpAddress address)
        {
            Result.Addresses.Add(address);
            Add(IpvsSets.ServiceIps, address.ToString());
        }

        private void Add(IpvsSet set, string text) => Result.Members.Add(new(set, text));

        private string At(IpAddress address) => At(address, plan.Port);

        private string At(IpAddress address, ushort port) => $"{address},{plan.Protocol.Word}:{Number(port)}";

        // A hash of networks holds none of length 0.
        private static IEnumerable<Prefix> Halves(Prefix range)
        {
            if (range.Length > 0) return [range];
            var middle = IpAddress.FromValue(range.Family, UInt128.One << (range.Family.Bits - 1));
            return [Prefix.Of(range.Address, 1), Prefix.Of(middle, 1)];
        }

        private static string Number(ushort port) => port.ToString(CultureInfo.InvariantCulture);
    }
}
