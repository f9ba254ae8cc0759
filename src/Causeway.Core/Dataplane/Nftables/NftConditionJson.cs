using System.Text.Json;

namespace Causeway.Core.Dataplane.Nftables;

/// <summary>Statements that are kept as text: limits, log lines, queues.</summary>
internal static class NftConditionJson
{
    public static NftCondition Limit(JsonElement value)
    {
        var over = Flag(value, "inv") ? "over " : "";
        var unit = Text(value, "rate_unit") is { } rate and not "packets" ? $" {rate}" : "";
        // Five packets are the tool's default.
        var burst = Text(value, "burst") is { } packets and not ("0" or "5")
            ? $" burst {packets} {Text(value, "burst_unit") ?? "packets"}"
            : "";
        return new($"limit rate {over}{Text(value, "rate")}{unit}/{Text(value, "per")}{burst}");
    }

    /// <summary>A quota of bytes, or a count of connections.</summary>
    public static NftCondition Other(string name, JsonElement value)
    {
        var over = Flag(value, "inv") ? "over " : "";
        var unit = Text(value, "val_unit") is { } text ? " " + text : "";
        return new($"{name} {over}{Text(value, "val")}{unit}");
    }

    public static string Log(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return "log";
        var text = "log";
        if (Text(value, "prefix") is { } prefix) text += $" prefix \"{prefix}\"";
        foreach (var (property, word) in new[]
            { ("group", "group"), ("snaplen", "snaplen"), ("queue-threshold", "queue-threshold"), ("level", "level") })
            if (Text(value, property) is { } number) text += $" {word} {number}";
        return value.TryGetProperty("flags", out var flags)
            ? $"{text} flags {string.Join(',', NftExpressionJson.Words(flags))}"
            : text;
    }

    public static NftQueue? Queue(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return new("queue");
        var flags = value.TryGetProperty("flags", out var words)
            ? $" flags {string.Join(',', NftExpressionJson.Words(words))}"
            : "";
        if (!value.TryGetProperty("num", out var number)) return new("queue" + flags);
        return NftExpressionJson.Known(number) ? new($"queue{flags} to {NftExpressionJson.Value(number)}") : null;
    }

    public static NftTproxy Tproxy(JsonElement value)
    {
        var family = Text(value, "family") is { } word ? $" {word}" : "";
        var address = Text(value, "addr") ?? "";
        if (address.Contains(':')) address = $"[{address}]";
        var port = Text(value, "port") is { } number ? $":{number}" : "";
        return new($"tproxy{family} to {address}{port}");
    }

    private static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var text) ? text.ToString() : null;

    private static bool Flag(JsonElement value, string name) =>
        value.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}
