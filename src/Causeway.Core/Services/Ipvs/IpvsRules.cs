using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Ipvs;

/// <summary>A rule in a chain that everybody shares, which leads to one of ours.</summary>
public sealed record IpvsJump(string Table, string From, string To, string Comment)
{
    /// <summary>As a rule of iptables-save, without the <c>-A</c>.</summary>
    public string Rule => $"{From} -m comment --comment \"{Comment}\" -j {To}";
}

/// <summary>
/// The iptables rules beside IPVS: what is masqueraded, who may use a load balancer, and that the services'
/// addresses, which are all local, open no other port of the node. They are the same whatever services there are
/// (the sets differ), but for the load balancers that the node itself must not use.
/// </summary>
public static class IpvsRules
{
    private static readonly string Mark = string.Create(
        CultureInfo.InvariantCulture, $"0x{ServicesScope.MasqueradeMark:x}/0x{ServicesScope.MasqueradeMark:x}");

    public static readonly IReadOnlyList<IpvsJump> Jumps =
    [
        new("nat", "PREROUTING", "KUBE-SERVICES", "kubernetes service portals"),
        new("nat", "OUTPUT", "KUBE-SERVICES", "kubernetes service portals"),
        new("nat", "POSTROUTING", "KUBE-POSTROUTING", "kubernetes postrouting rules"),
        new("filter", "INPUT", "KUBE-IPVS-FILTER", "kubernetes ipvs access filter"),
        new("filter", "INPUT", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"),
        new("filter", "INPUT", "KUBE-NODE-PORT", "kubernetes health check rules"),
        new("filter", "FORWARD", "KUBE-PROXY-FIREWALL", "kube-proxy firewall rules"),
        new("filter", "FORWARD", "KUBE-FORWARD", "kubernetes forwarding rules"),
        new("filter", "OUTPUT", "KUBE-IPVS-OUT-FILTER", "kubernetes ipvs access filter"),
    ];

    /// <summary>Our chains by table, in the order in which they are written.</summary>
    public static readonly IReadOnlyList<(string Table, string Chain)> Chains =
    [
        ("nat", "KUBE-SERVICES"), ("nat", "KUBE-POSTROUTING"), ("nat", "KUBE-NODE-PORT"),
        ("nat", "KUBE-LOAD-BALANCER"), ("nat", "KUBE-MARK-MASQ"),
        ("filter", "KUBE-FORWARD"), ("filter", "KUBE-NODE-PORT"), ("filter", "KUBE-PROXY-FIREWALL"),
        ("filter", "KUBE-SOURCE-RANGES-FIREWALL"), ("filter", "KUBE-IPVS-FILTER"), ("filter", "KUBE-IPVS-OUT-FILTER"),
    ];

    /// <summary>Input of <c>iptables-restore --noflush</c> that makes the chains be these.</summary>
    /// <param name="barred">Load balancers that the node itself must not use.</param>
    /// <param name="missing">Jumps that are not there yet.</param>
    public static string Script(
        IpFamily family, ServicesScope scope, IEnumerable<Wire.Netlink.IpvsKey> barred, IEnumerable<IpvsJump> missing)
    {
        var jumps = missing.ToList();
        var rules = Nat(family, scope).Select(r => ("nat", r))
            .Concat(Filter(family).Concat(Bars(barred)).Select(r => ("filter", r))).ToList();
        StringBuilder text = new();
        foreach (var table in new[] { "nat", "filter" })
        {
            text.Append('*').Append(table).Append('\n');
            // Naming a chain empties it.
            foreach (var (_, chain) in Chains.Where(c => c.Table == table))
                text.Append(CultureInfo.InvariantCulture, $":{chain} - [0:0]\n");
            foreach (var jump in jumps.Where(j => j.Table == table).Reverse())
                text.Append(CultureInfo.InvariantCulture, $"-I {jump.Rule}\n");
            foreach (var (_, rule) in rules.Where(r => r.Item1 == table))
                text.Append(CultureInfo.InvariantCulture, $"-A {rule}\n");
            text.Append("COMMIT\n");
        }
        return text.ToString();
    }

    private static IEnumerable<string> Nat(IpFamily family, ServicesScope scope)
    {
        yield return $"KUBE-SERVICES -s {(family == IpFamily.V4 ? "127.0.0.0/8" : "::1/128")} -j RETURN";
        yield return $"KUBE-SERVICES {Set(IpvsSets.LoadBalancer, family)} -j KUBE-LOAD-BALANCER";
        foreach (var rule in FromOutside(family, scope)) yield return rule;
        yield return $"KUBE-SERVICES {Set(IpvsSets.ExternalIp, family)} -j KUBE-MARK-MASQ";
        foreach (var set in new[] { IpvsSets.ExternalIp, IpvsSets.ExternalIpLocal })
            yield return $"KUBE-SERVICES {Set(set, family)} -j ACCEPT";
        yield return "KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT";
        foreach (var set in new[] { IpvsSets.ClusterIp, IpvsSets.LoadBalancer })
            yield return $"KUBE-SERVICES {Set(set, family)} -j ACCEPT";
        yield return $"KUBE-LOAD-BALANCER {Set(IpvsSets.LoadBalancerLocal, family)} -j RETURN";
        yield return "KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ";
        foreach (var (protocol, all, local) in IpvsSets.NodePorts)
        {
            yield return $"KUBE-NODE-PORT -p {protocol.Word} {Set(local, family)} -j RETURN";
            yield return $"KUBE-NODE-PORT -p {protocol.Word} {Set(all, family)} -j KUBE-MARK-MASQ";
        }
        yield return "KUBE-MARK-MASQ -j MARK --or-mark 0x4000";
        yield return $"KUBE-POSTROUTING -m comment --comment \"endpoints that reach themselves\" "
            + $"{Set(IpvsSets.LoopBack, family)} -j MASQUERADE";
        yield return $"KUBE-POSTROUTING -m mark ! --mark {Mark} -j RETURN";
        yield return "KUBE-POSTROUTING -j MARK --xor-mark 0x4000";
        yield return "KUBE-POSTROUTING -m comment --comment \"service traffic that must come back this way\" "
            + "-j MASQUERADE --random-fully";
    }

    // Where it is not known what is inside, only the node itself is masqueraded: it takes the service's address,
    // which is one of its own, as the source.
    private static IEnumerable<string> FromOutside(IpFamily family, ServicesScope scope)
    {
        var set = IpvsSets.ClusterIp.Name(family);
        var inside = scope.ClusterCidrs.Where(c => c.Family == family).ToArray();
        if (inside.Length == 0) return [$"KUBE-SERVICES -m set --match-set {set} src,dst -j KUBE-MARK-MASQ"];
        var cluster = $"-m set --match-set {set} dst,dst";
        if (inside.Length == 1) return [$"KUBE-SERVICES ! -s {inside[0]} {cluster} -j KUBE-MARK-MASQ"];
        return inside.Select(c => $"KUBE-SERVICES -s {c} {cluster} -j ACCEPT")
            .Append($"KUBE-SERVICES {cluster} -j KUBE-MARK-MASQ");
    }

    private static IEnumerable<string> Filter(IpFamily family)
    {
        yield return $"KUBE-FORWARD -m mark --mark {Mark} -j ACCEPT";
        yield return "KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
        yield return $"KUBE-NODE-PORT {Set(IpvsSets.HealthCheckNodePort, family)} -j ACCEPT";
        yield return $"KUBE-PROXY-FIREWALL {Set(IpvsSets.LoadBalancerGuarded, family)} -j KUBE-SOURCE-RANGES-FIREWALL";
        foreach (var set in new[] { IpvsSets.SourceCidr, IpvsSets.SourceIp })
            yield return $"KUBE-SOURCE-RANGES-FIREWALL {Set(set, family)} -j RETURN";
        yield return "KUBE-SOURCE-RANGES-FIREWALL -j DROP";
        IpvsSet[] open =
        [
            IpvsSets.LoadBalancer, IpvsSets.ClusterIp, IpvsSets.ExternalIp, IpvsSets.ExternalIpLocal,
            IpvsSets.HealthCheckNodePort,
        ];
        foreach (var set in open) yield return $"KUBE-IPVS-FILTER {Set(set, family)} -j RETURN";
        // A client that is still inside its system call takes an ICMP answer for a passing trouble; not so a reset.
        var closed = $"-m conntrack --ctstate NEW {Set(IpvsSets.ServiceIps, family)} -j REJECT";
        yield return $"KUBE-IPVS-FILTER -p tcp {closed} --reject-with tcp-reset";
        yield return $"KUBE-IPVS-FILTER {closed}";
    }

    private static IEnumerable<string> Bars(IEnumerable<Wire.Netlink.IpvsKey> barred) => barred.Select(key =>
        string.Create(CultureInfo.InvariantCulture,
            $"KUBE-IPVS-OUT-FILTER -s {key.Address.Host} -m ipvs --vaddr {key.Address.Host} --vproto {key.Protocol.Number(key.Address.Family)} --vport {key.Port} -j DROP"));

    private static string Set(IpvsSet set, IpFamily family) => $"-m set --match-set {set.Name(family)} {set.Directions}";
}
