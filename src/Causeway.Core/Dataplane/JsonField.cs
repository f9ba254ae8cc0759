using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>Fields of the tools' JSON objects.</summary>
internal static class JsonField
{
    extension(JsonElement item)
    {
        public bool Has(string name) => item.TryGetProperty(name, out _);

        public string? Text(string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;

        public string Required(string name) => item.Text(name)
            ?? throw new FormatException($"'{name}' is missing");

        public int? Int(string name) => item.TryGetProperty(name, out var value) ? value.GetInt32() : null;

        public uint UInt(string name) => item.TryGetProperty(name, out var value) ? value.GetUInt32() : 0;

        public IpAddress? Address(string name) => item.Text(name) is { } text ? IpAddress.Parse(text) : null;

        /// <summary>A MAC; null for a link-layer address of another form.</summary>
        public MacAddress? Mac(string name) =>
            item.Text(name) is { } text && MacAddress.TryParse(text, out var mac) ? mac : null;

        public bool Flag(string list, string flag)
        {
            if (!item.TryGetProperty(list, out var flags)) return false;
            foreach (var value in flags.EnumerateArray())
                if (value.GetString() == flag) return true;
            return false;
        }
    }

    /// <summary>An array of the words whose condition holds.</summary>
    public static JsonArray Words(params ReadOnlySpan<(bool There, string Word)> words)
    {
        var array = new JsonArray();
        foreach (var (there, word) in words)
            if (there) array.Add((JsonNode)word);
        return array;
    }

    public static void AddIf(this JsonObject item, string name, string? value)
    {
        if (value is not null) item[name] = value;
    }

    public static void AddIf(this JsonObject item, string name, int? value)
    {
        if (value is { } number) item[name] = number;
    }

    public static uint Hexadecimal(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? uint.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
