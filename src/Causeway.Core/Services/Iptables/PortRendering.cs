using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Iptables;

/// <summary>
/// The rules of one service port, as the Kubernetes project's proxy writes them: same chains, same comments, same
/// order.
/// </summary>
internal sealed class PortRendering
{
    private readonly ServicePortPlan _plan;
    private readonly Prefix[] _ranges;
    private readonly string _name;
    private readonly string _cluster;
    private readonly string _local;
    private readonly string _external;
    private readonly string _firewall;
    private readonly string _protocol;
    private readonly List<ChainRules> _chains = [];
    private readonly List<SharedRule> _shared = [];

    private PortRendering(ServicePortPlan plan, ServicesScope scope)
    {
        _plan = plan;
        _ranges = ProxyChains.Ranges(plan.Family, scope);
        _name = plan.Key.Name.ToString();
        var hash = ChainNames.Hash(plan.Key.Name);
        (_cluster, _local) = ($"KUBE-SVC-{hash}", $"KUBE-SVL-{hash}");
        (_external, _firewall) = ($"KUBE-EXT-{hash}", $"KUBE-FW-{hash}");
        _protocol = plan.Protocol.Word;
    }

    public static PortRules Of(ServicePortPlan plan, ServicesScope scope) => new PortRendering(plan, scope).Render();

    private PortRules Render()
    {
        ClusterIp();
        if (_plan.IsExternallyAccessible) Externals();
        if (_plan.HealthCheckNodePort != 0)
        {
            Share(ProxyChains.HealthPorts, "-p tcp " + Comment("health check node port")
                + $"-m tcp --dport {Number(_plan.HealthCheckNodePort)} -j ACCEPT");
        }
        if (_plan.UsesClusterEndpoints) Endpoints(_cluster, _plan.ClusterEndpoints, internals: !_plan.InternalLocal);
        if (_plan.UsesLocalEndpoints) Endpoints(_local, _plan.LocalEndpoints, internals: _plan.InternalLocal);
        var used = (_plan.UsesClusterEndpoints ? _plan.ClusterEndpoints : [])
            .Concat(_plan.UsesLocalEndpoints ? _plan.LocalEndpoints : []);
        foreach (var endpoint in used.DistinctBy(e => (e.Address, e.Port))) Endpoint(endpoint);
        return new(_chains, _shared);
    }

    private void ClusterIp()
    {
        if (_plan.InternalRefusal == NoEndpoint.None)
        {
            Share(ProxyChains.Services,
                At(_plan.ClusterIp, Comment("cluster IP")) + $"-j {(_plan.InternalLocal ? _local : _cluster)}");
            return;
        }
        Share(ProxyChains.Refusals,
            At(_plan.ClusterIp, Refusal(_plan.InternalRefusal)) + Refuse(_plan.InternalRefusal));
    }

    private void Externals()
    {
        // An address may be both: then the load balancer's guard holds.
        foreach (var address in _plan.ExternalIps.Except(_plan.LoadBalancerVips))
        {
            if (_plan.HasEndpoints)
                Share(ProxyChains.Services, At(address, Comment("external IP")) + $"-j {_external}");
            RefuseExternally(At(address, Refusal(_plan.ExternalRefusal)));
        }
        var guarded = _plan is { HasEndpoints: true, LoadBalancerVips.IsEmpty: false, SourceRanges.IsEmpty: false };
        foreach (var address in _plan.LoadBalancerVips)
        {
            if (_plan.HasEndpoints)
            {
                Share(ProxyChains.Services,
                    At(address, Comment("loadbalancer IP")) + $"-j {(guarded ? _firewall : _external)}");
            }
            if (guarded)
            {
                Share(ProxyChains.Firewall,
                    At(address, Comment($"traffic not accepted by {_firewall}")) + "-j DROP");
            }
            RefuseExternally(At(address, Refusal(_plan.ExternalRefusal)));
        }
        if (_plan.NodePort != 0) NodePort();
        if (_plan.HasEndpoints) External();
        if (guarded) Guard();
    }

    private void NodePort()
    {
        var port = $"-m {_protocol} --dport {Number(_plan.NodePort)} ";
        if (_plan.HasEndpoints)
            Share(ProxyChains.NodePorts, $"-p {_protocol} {Comment("")}{port}-j {_external}");
        RefuseExternally(
            $"-p {_protocol} {Refusal(_plan.ExternalRefusal)}-m addrtype --dst-type LOCAL {port}");
    }

    private void RefuseExternally(string match)
    {
        if (_plan.ExternalRefusal != NoEndpoint.None)
            Share(ProxyChains.ExternalRefusals, match + Refuse(_plan.ExternalRefusal));
    }

    /// <summary>Traffic from outside. Policy Local keeps sources, except those of the node itself: its address
    /// would be the service's own. Who is inside goes to all endpoints, as if it came back from a balancer.</summary>
    private void External()
    {
        List<string> rules = [];
        if (!_plan.ExternalLocal)
        {
            rules.Add($"-m comment --comment \"masquerade traffic for {_name} external destinations\""
                + $" -j {ProxyChains.MarkMasquerade}");
        }
        else
        {
            rules.AddRange(_ranges.Select(r => ProxyChains.Source(r)
                + $"-m comment --comment \"pod traffic for {_name} external destinations\" -j {_cluster}"));
            const string local = "-m addrtype --src-type LOCAL";
            rules.Add($"-m comment --comment \"masquerade LOCAL traffic for {_name} external destinations\""
                + $" {local} -j {ProxyChains.MarkMasquerade}");
            rules.Add($"-m comment --comment \"route LOCAL traffic for {_name} external destinations\""
                + $" {local} -j {_cluster}");
        }
        if (_plan.ExternalRefusal == NoEndpoint.None)
            rules.Add($"-j {(_plan.ExternalLocal ? _local : _cluster)}");
        Own(_external, rules);
    }

    private void Guard()
    {
        var comment = Comment("loadbalancer IP");
        IEnumerable<Prefix> allowed = _plan.AllowsFromVips
            ? _plan.SourceRanges.Concat(_plan.LoadBalancerVips.Select(a => a.Host)) : _plan.SourceRanges;
        Own(_firewall,
        [
            .. allowed.Select(r => $"{ProxyChains.Source(r)}{comment}-j {_external}"),
            $"-m comment --comment \"other traffic to {_name} will be dropped by KUBE-PROXY-FIREWALL\"",
        ]);
    }

    /// <param name="internals">Whether the cluster IP leads here: then sources outside are masqueraded, whose
    /// answers would not come back through this node.</param>
    private void Endpoints(string chain, ImmutableArray<ServiceEndpoint> endpoints, bool internals)
    {
        if (endpoints.IsEmpty) return;
        List<string> rules = [];
        if (internals && _ranges.Length > 0)
        {
            var single = _ranges.Length == 1;
            rules.Add((single ? $"! -s {_ranges[0]} " : "") + At(_plan.ClusterIp, Comment("cluster IP"))
                + $"-j {(single ? ProxyChains.MarkMasquerade : ProxyChains.MarkOffCluster)}");
        }
        string[] chains = [.. endpoints.Select(e => ChainNames.Endpoint(_plan.Key.Name, e))];
        if (_plan.AffinitySeconds > 0)
        {
            rules.AddRange(endpoints.Select((e, i) => To(e)
                + $"-m recent --rcheck --seconds {Number(_plan.AffinitySeconds)} --reap {Client(chains[i])}"
                + $"-j {chains[i]}"));
        }
        for (var i = 0; i < endpoints.Length; i++)
        {
            // Each takes its share of what those before it left; the last takes all.
            var left = endpoints.Length - i;
            var share = left == 1 ? "" : string.Create(
                CultureInfo.InvariantCulture, $"-m statistic --mode random --probability {1.0 / left:F10} ");
            rules.Add($"{To(endpoints[i])}{share}-j {chains[i]}");
        }
        Own(chain, rules);
    }

    private void Endpoint(ServiceEndpoint endpoint)
    {
        var chain = ChainNames.Endpoint(_plan.Key.Name, endpoint);
        var remember = _plan.AffinitySeconds > 0 ? $"-m recent --set {Client(chain)}" : "";
        Own(chain,
        [
            $"-s {endpoint.Address.Host} {Comment("")}-j {ProxyChains.MarkMasquerade}",
            $"-p {_protocol} {Comment("")}{remember}-m {_protocol} -j DNAT --to-destination {endpoint}",
        ]);
    }

    private string Client(string chain) => $"--name {chain} --mask "
        + (_plan.Family == IpFamily.V4 ? "255.255.255.255" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff") + " --rsource ";

    private string At(IpAddress address, string comment) =>
        $"-d {address.Host} -p {_protocol} {comment}-m {_protocol} --dport {Number(_plan.Port)} ";

    private string Comment(string what) => $"-m comment --comment \"{_name}{(what.Length == 0 ? "" : " " + what)}\" ";

    private string To(ServiceEndpoint endpoint) => $"-m comment --comment \"{_name} -> {endpoint}\" ";

    private string Refusal(NoEndpoint why) =>
        Comment(why == NoEndpoint.Reject ? "has no endpoints" : "has no local endpoints");

    // The other proxy answers TCP with ICMP too. But an ICMP error that comes while connect() holds its socket is not
    // heeded until the SYN is sent again, a second later, and few are sent to one address: a reset is immediate.
    private string Refuse(NoEndpoint why) => why switch
    {
        NoEndpoint.Drop => "-j DROP",
        _ when _plan.Protocol == TransportProtocol.Tcp => "-j REJECT --reject-with tcp-reset",
        _ when _plan.Family == IpFamily.V4 => "-j REJECT --reject-with icmp-port-unreachable",
        _ => "-j REJECT --reject-with icmp6-port-unreachable",
    };

    private void Own(string chain, IReadOnlyList<string> rules) =>
        _chains.Add(new(new(ProxyChains.Nat, chain), rules));

    private void Share(ChainKey chain, string rule) => _shared.Add(new(chain, rule));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
