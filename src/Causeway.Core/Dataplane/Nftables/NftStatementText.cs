using System.Collections.Immutable;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>Statements in nft's words.</summary>
internal static class NftStatementText
{
    public static string Print(NftStatement statement) => statement switch
    {
        NftMatch match => Print(match),
        NftCondition condition => condition.Text,
        NftVerdict { Chain: { } chain } verdict => $"{verdict.Verdict} {chain}",
        NftVerdict verdict => verdict.Verdict,
        NftVerdictMap map => $"{map.Key} vmap {map.Map}",
        NftMasquerade m => "masquerade" + (m.Ports is null ? "" : $" to :{m.Ports}") + Flags(m.Flags),
        NftRedirect r => "redirect" + (r.Port is null ? "" : $" to :{r.Port}") + Flags(r.Flags),
        NftNat nat => Print(nat),
        NftAssign assign => $"{assign.Field} set {assign.Value}",
        NftUpdate update => $"{update.Operation} @{update.Set} {{ {update.Text} }}",
        NftNotrack => "notrack",
        NftQueue queue => queue.Text,
        NftTproxy tproxy => tproxy.Text,
        NftReject { With: { } with } => $"reject with {with}",
        NftReject => "reject",
        // Counts change by themselves; a rule with a counter is still the same rule.
        NftCounter => "counter",
        NftNote note => note.Text,
        NftXt xt => $"xt {xt.Kind} \"{xt.Name}\"",
        NftUnknown unknown => unknown.Raw,
        _ => throw new ArgumentException($"no text for {statement.GetType().Name}", nameof(statement)),
    };

    private static string Print(NftMatch match)
    {
        // A field with a mask is an expression: its equality must be written out.
        var comparison = match.Operator is "==" or "in" && !match.Field.Contains('&') ? "" : match.Operator + " ";
        var value = match.Field is "iif" or "oif" or "iifname" or "oifname" && !match.Value.StartsWith('{')
            && !match.Value.StartsWith('@')
            ? $"\"{match.Value}\""
            : match.Value;
        return $"{match.Field} {comparison}{value}";
    }

    private static string Print(NftNat nat)
    {
        var family = nat.Family is null ? "" : " " + nat.Family;
        var prefix = nat.Prefix ? " prefix" : "";
        var address = nat.Address?.ToString() ?? "";
        if (nat.Port is not null)
        {
            // Brackets keep an IPv6 address apart from the port.
            if (address.Contains(':') && nat.Address!.Map is null) address = $"[{address}]";
            address += $":{nat.Port}";
        }
        return $"{nat.Kind}{family}{prefix} to {address}{Flags(nat.Flags)}";
    }

    private static string Flags(ImmutableArray<string> flags) => flags.IsEmpty ? "" : " " + string.Join(',', flags);
}
