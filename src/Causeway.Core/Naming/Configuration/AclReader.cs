using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

internal static class AclReader
{
    public static AclSettings Read(PluginReading line)
    {
        List<AclRule> rules = [];
        void Take(PluginReading option, AclAction action) => rules.Add(Rule(option, action));
        line.Options(new()
        {
            ["allow"] = option => Take(option, AclAction.Allow),
            ["block"] = option => Take(option, AclAction.Block),
            ["filter"] = option => Take(option, AclAction.Filter),
            ["drop"] = option => Take(option, AclAction.Drop),
        });
        return new(line.At, line.Zones(line.Arguments), [.. rules]);
    }

    /// <summary>An address, or a prefix.</summary>
    public static Prefix? Network(string text) =>
        IpAddress.TryParse(text, out var address) ? address.Host : Prefix.TryParse(text, out var prefix) ? prefix : null;

    private static AclRule Rule(PluginReading option, AclAction action)
    {
        List<DnsType> types = [];
        List<Prefix> networks = [];
        var section = "";
        foreach (var word in option.Arguments)
        {
            if (word.Text is "type" or "net") section = word.Text;
            else if (word.Text == "*") continue;
            else if (section == "type" && DnsWords.TryParseType(word.Text, out var type)) types.Add(type);
            else if (section == "net" && Network(word.Text) is { } network) networks.Add(network);
            else option.Complain(word, $"'{word}' is not {(section == "net" ? "a network" : "a type of record")}");
        }
        return new(action, [.. types.Distinct()], [.. networks]);
    }
}
