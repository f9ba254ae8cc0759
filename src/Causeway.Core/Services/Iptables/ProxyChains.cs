using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Iptables;

/// <summary>The chains that do not depend on any single service, and the jumps into them.</summary>
public static class ProxyChains
{
    public const string Filter = "filter";
    public const string Nat = "nat";

    /// <summary>Says that the chains around it are Causeway's and not those of another proxy of the same
    /// names.</summary>
    public const string Mark = "CAUSEWAY-IPTABLES-CANARY";

    public const string MarkMasquerade = "KUBE-MARK-MASQ";

    /// <summary>Marks sources that are in none of several ranges: one rule can only negate one.</summary>
    public const string MarkOffCluster = "KUBE-MARK-OFF-CLUSTER";

    public static readonly ChainKey Services = new(Nat, "KUBE-SERVICES");
    public static readonly ChainKey NodePorts = new(Nat, "KUBE-NODEPORTS");
    public static readonly ChainKey Refusals = new(Filter, "KUBE-SERVICES");
    public static readonly ChainKey ExternalRefusals = new(Filter, "KUBE-EXTERNAL-SERVICES");
    public static readonly ChainKey HealthPorts = new(Filter, "KUBE-NODEPORTS");
    public static readonly ChainKey Firewall = new(Filter, "KUBE-PROXY-FIREWALL");

    public static readonly IReadOnlyList<ChainKey> Shared =
        [Refusals, ExternalRefusals, HealthPorts, Firewall, Services, NodePorts];

    private const string Canary = "KUBE-PROXY-CANARY";
    private const string New = "-m conntrack --ctstate NEW ";
    private const string Bit = "0x4000/0x4000";

    private static readonly ChainKey Forward = new(Filter, "KUBE-FORWARD");
    private static readonly ChainKey Postrouting = new(Nat, "KUBE-POSTROUTING");
    private static readonly string[] Prefixes = ["KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-FW-", "KUBE-SEP-"];

    /// <summary>Rules in the kernel's own chains, each put at the head, so that the last is the first that a packet
    /// meets. The Kubernetes project's proxy has them all but KUBE-EXTERNAL-SERVICES in OUTPUT: without it the node
    /// itself is not refused at external addresses.</summary>
    public static readonly IReadOnlyList<SharedRule> Jumps =
    [
        Jump("INPUT", New, "kubernetes externally-visible service portals", ExternalRefusals),
        Jump("FORWARD", New, "kubernetes externally-visible service portals", ExternalRefusals),
        Jump("OUTPUT", New, "kubernetes externally-visible service portals", ExternalRefusals),
        Jump("INPUT", "", "kubernetes health check service ports", HealthPorts),
        Jump("FORWARD", New, "kubernetes service portals", Refusals),
        Jump("OUTPUT", New, "kubernetes service portals", Refusals),
        Jump("FORWARD", "", "kubernetes forwarding rules", Forward),
        Jump("INPUT", New, "kubernetes load balancer firewall", Firewall),
        Jump("OUTPUT", New, "kubernetes load balancer firewall", Firewall),
        Jump("FORWARD", New, "kubernetes load balancer firewall", Firewall),
        Jump("OUTPUT", "", "kubernetes service portals", Services),
        Jump("PREROUTING", "", "kubernetes service portals", Services),
        Jump("POSTROUTING", "", "kubernetes postrouting rules", Postrouting),
    ];

    /// <summary>Whether a chain is one of ours by its name: those of one service port, or of all.</summary>
    public static bool Owns(ChainKey chain) => OwnsPort(chain) || chain.Name is Mark or Canary
        || chain == Forward || chain == Postrouting || Shared.Contains(chain)
        || (chain.Table == Nat && chain.Name is MarkMasquerade or MarkOffCluster);

    /// <summary>Whether it is a chain of one service port.</summary>
    public static bool OwnsPort(ChainKey chain) =>
        chain.Table == Nat && Prefixes.Any(p => chain.Name.StartsWith(p, StringComparison.Ordinal));

    /// <summary>Chains whose rules are the same for all services.</summary>
    public static IEnumerable<ChainRules> Fixed(IpFamily family, ServicesScope scope)
    {
        foreach (var table in new[] { Filter, Nat })
        {
            yield return new(new(table, Canary), []);
            yield return new(new(table, Mark), []);
        }
        yield return new(Forward,
        [
            "-m conntrack --ctstate INVALID -j DROP",
            $"-m comment --comment \"kubernetes forwarding rules\" -m mark --mark {Bit} -j ACCEPT",
            "-m comment --comment \"kubernetes forwarding conntrack rule\""
                + " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        ]);
        yield return new(new(Nat, MarkMasquerade), [$"-j MARK --set-xmark {Bit}"]);
        yield return new(Postrouting,
        [
            $"-m mark ! --mark {Bit} -j RETURN",
            // The packet may meet these rules again, in a tunnel.
            "-j MARK --set-xmark 0x4000/0x0",
            "-m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully",
        ]);
        var ranges = Ranges(family, scope);
        if (ranges.Length > 1)
        {
            yield return new(new(Nat, MarkOffCluster),
                [.. ranges.Select(r => $"{Source(r)}-j RETURN"), $"-j {MarkMasquerade}"]);
        }
    }

    /// <summary>Rules behind those of the services in a shared chain.</summary>
    public static IReadOnlyList<string> Tail(ChainKey chain, IpFamily family, ServicesScope scope)
    {
        if (chain != Services) return [];
        const string note = "-m comment --comment \"kubernetes service nodeports;"
            + " NOTE: this must be the last rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS";
        if (scope.NodePortAddresses.IsEmpty)
            return [$"! -d {(family == IpFamily.V4 ? "127.0.0.0/8" : "::1/128")} {note}"];
        return [.. scope.NodePortAddresses.Where(p => p.Family == family).Select(p => $"{Destination(p)}{note}")];
    }

    /// <summary>Where pods have their addresses.</summary>
    internal static Prefix[] Ranges(IpFamily family, ServicesScope scope) =>
        [.. scope.ClusterCidrs.Where(c => c.Family == family)];

    /// <summary>The tool does not write down a condition that every packet fulfils.</summary>
    internal static string Source(Prefix prefix) => prefix.Length == 0 ? "" : $"-s {prefix} ";

    private static string Destination(Prefix prefix) => prefix.Length == 0 ? "" : $"-d {prefix} ";

    private static SharedRule Jump(string from, string match, string comment, ChainKey to) => new(
        new(to.Table, from),
        string.Create(CultureInfo.InvariantCulture, $"{match}-m comment --comment \"{comment}\" -j {to.Name}"));
}
