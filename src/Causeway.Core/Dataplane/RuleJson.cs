using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary><c>ip -j -d rule</c>.</summary>
internal static class RuleJson
{
    /// <summary>The fields that the model reads; any other is a selector or a suppressor that it does
    /// not.</summary>
    private static readonly HashSet<string> Known =
    [
        "priority", "not", "src", "srclen", "dst", "dstlen", "fwmark", "fwmask", "iif", "oif", "table", "goto",
        "action", "protocol", "unresolved", "iif_detached", "oif_detached",
    ];

    public static JsonObject Print(Rule rule)
    {
        var item = new JsonObject { ["priority"] = rule.Priority };
        if (rule.Invert) item["not"] = null;
        if (rule.From is null) item["src"] = "all";
        else PrintNetwork(item, "src", rule.From);
        PrintNetwork(item, "dst", rule.To);
        if (rule.MarkMask != 0)
        {
            item["fwmark"] = string.Create(CultureInfo.InvariantCulture, $"0x{rule.Mark:x}");
            if (rule.MarkMask != uint.MaxValue)
                item["fwmask"] = string.Create(CultureInfo.InvariantCulture, $"0x{rule.MarkMask:x}");
        }
        item.AddIf("iif", rule.InputDevice);
        item.AddIf("oif", rule.OutputDevice);
        if (rule.Unknown is { } unknown) item["unknown"] = unknown;
        switch (rule.Action)
        {
            case RuleAction.Lookup: item["table"] = DataplaneText.TableName(rule.Table); break;
            case RuleAction.Goto: item["goto"] = rule.Table; break;
            default: item["action"] = rule.Action.ToString().ToLowerInvariant(); break;
        }
        item["protocol"] = RouteNames.Protocol(rule.Protocol);
        return item;
    }

    public static Rule Parse(JsonElement item, IpFamily family)
    {
        var action = item.Text("action") is { } word ? RouteNames.Word<RuleAction>(word)
            : item.Has("goto") ? RuleAction.Goto
            : RuleAction.Lookup;
        return new Rule
        {
            Family = family,
            Priority = item.UInt("priority"),
            Action = action,
            Table = action switch
            {
                RuleAction.Goto => item.UInt("goto"),
                RuleAction.Lookup => RouteNames.Table(item.Text("table") ?? "main"),
                _ => 0,
            },
            From = Network(item, "src", family),
            To = Network(item, "dst", family),
            Mark = item.Text("fwmark") is { } mark ? JsonField.Hexadecimal(mark) : 0,
            MarkMask = item.Text("fwmask") is { } mask ? JsonField.Hexadecimal(mask)
                : item.Has("fwmark") ? uint.MaxValue : 0,
            InputDevice = item.Text("iif"),
            OutputDevice = item.Text("oif"),
            Invert = item.Has("not"),
            Protocol = RouteNames.Protocol(item.Text("protocol") ?? "unspec"),
            Unknown = Unknown(item),
        };
    }

    private static string? Unknown(JsonElement item)
    {
        var words = item.EnumerateObject().Where(p => !Known.Contains(p.Name))
            .Select(p => p.Name == "unknown" ? p.Value.ToString() : $"{p.Name} {p.Value}").ToList();
        return words.Count == 0 ? null : string.Join(' ', words);
    }

    private static void PrintNetwork(JsonObject item, string name, Prefix? prefix)
    {
        if (prefix is not { } network) return;
        item[name] = network.Address.ToString();
        if (!network.IsHost) item[name + "len"] = network.Length;
    }

    private static Prefix? Network(JsonElement item, string name, IpFamily family)
    {
        if (item.Text(name) is not { } text || text == "all") return null;
        var address = IpAddress.Parse(text);
        return Prefix.Of(address, item.Int(name + "len") ?? family.Bits);
    }
}
