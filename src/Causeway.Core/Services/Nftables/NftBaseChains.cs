using Causeway.Core.Addressing;
using Causeway.Core.Dataplane.Nftables;

namespace Causeway.Core.Services.Nftables;

/// <summary>The chains where packets enter, and those that they share: the same whatever services there are.</summary>
internal static class NftBaseChains
{
    private const int FilterPriority = 0;
    private const int GuardPriority = -110;
    private const int TranslatePriority = -100;
    private const int MasqueradePriority = 100;

    public static IEnumerable<NftChain> Of(IpFamily family, ServicesScope scope)
    {
        var ip = family.Word;
        var key = NftClassRules.Key(family, nodePort: false);
        NftMatch fresh = new("ct state", "in", "new");

        yield return Chain("guard",
            [fresh, new NftMatch(key, "==", "@guarded"), new NftMatch($"{key} . {ip} saddr", "!=", "@source-ranges"),
                new NftVerdict("drop")]);
        yield return new("translate", null,
            [Lookup(key, NftSets.ServiceIps), .. NodePorts(family, scope, NftSets.ServiceNodePorts)]);
        yield return new("without-endpoint", null,
            [Lookup(key, NftSets.NoEndpoints), .. NodePorts(family, scope, NftSets.NoEndpointNodePorts)]);
        // An ICMP error that comes while connect() holds its socket is not heeded until the SYN is sent again, a
        // second later: a reset is.
        yield return new(NftRendering.RejectChain, null,
        [
            // For TCP alone, without saying so.
            new([new NftReject("tcp reset")]),
            new([new NftReject(family == IpFamily.V4 ? "icmp port-unreachable" : "icmpv6 port-unreachable")]),
        ]);
        yield return Chain(NftRendering.DropChain, [new NftVerdict("drop")]);
        yield return Masquerading(ip);
        foreach (var hook in new[] { "prerouting", "output" })
        {
            yield return Jump("guard", hook, "filter", GuardPriority);
            yield return Jump("nat", hook, "nat", TranslatePriority, "translate");
            // In prerouting and not in forward: without a route to the address the answer must come all the same.
            yield return new($"filter-{hook}", new("filter", hook, FilterPriority, "accept"),
                [new([fresh, new NftVerdict("jump", "without-endpoint")])]);
        }
    }

    private static IEnumerable<NftRule> NodePorts(IpFamily family, ServicesScope scope, NftSetShape map)
    {
        if (scope.NodePortAddresses.IsEmpty) return [At("!=", family == IpFamily.V4 ? "127.0.0.0/8" : "::1")];
        // A rule for each: the tool lists a set of prefixes in a rule in other words than it was given. With only prefixes
        // of the other family this one answers on none.
        return scope.NodePortAddresses.Where(p => p.Family == family)
            .Select(p => At("==", p.IsHost ? p.Address.ToString() : p.ToString()));

        NftRule At(string comparison, string addresses) => new(
        [
            new NftMatch("fib daddr type", "==", "local"),
            new NftMatch($"{family.Word} daddr", comparison, addresses),
            new NftVerdictMap(NftClassRules.Key(family, nodePort: true), NftMapRef.Named(map.Name)),
        ]);
    }

    private static NftChain Masquerading(string ip)
    {
        NftMasquerade masquerade = new() { Flags = ["fully-random"] };
        return new("masquerading", new("nat", "postrouting", MasqueradePriority, "accept"),
        [
            new(
            [
                new NftMatch("meta mark & 0x4000", "!=", "0"), new NftAssign("meta mark", "meta mark & 0xffffbfff"),
                masquerade,
            ]),
            new(
            [
                new NftMatch("ct status", "in", "dnat"),
                new NftMatch($"{ip} saddr . {ip} daddr", "==", $"@{NftSets.Hairpins.Name}"), masquerade,
            ]),
        ]);
    }

    private static NftChain Jump(string name, string hook, string type, int priority, string? to = null) => new(
        $"{name}-{hook}", new(type, hook, priority, "accept"), [new([new NftVerdict("jump", to ?? name)])]);

    private static NftChain Chain(string name, params NftStatement[] rule) => new(name, null, [new([.. rule])]);

    private static NftRule Lookup(string key, NftSetShape map) => new([new NftVerdictMap(key, NftMapRef.Named(map.Name))]);
}
