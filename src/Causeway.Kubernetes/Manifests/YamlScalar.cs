using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Causeway.Kubernetes.Manifests;

/// <summary>
/// What a scalar means, as Kubernetes reads YAML: the types of YAML 1.1 (so <c>yes</c>, <c>0x1F</c> and
/// <c>010</c>), of which timestamps stay text. Quoted and block scalars are always text.
/// </summary>
internal static class YamlScalar
{
    private static readonly string[] True = ["true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"];
    private static readonly string[] False = ["false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"];

    public static JsonNode? ToJson(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain) return JsonValue.Create(text);
        // An explicit tag such as !!str is the user's own word on the type.
        if (!scalar.Tag.IsEmpty && scalar.Tag.Value == "tag:yaml.org,2002:str") return JsonValue.Create(text);
        if (text is "" or "~" or "null" or "Null" or "NULL") return null;
        if (True.Contains(text)) return JsonValue.Create(true);
        if (False.Contains(text)) return JsonValue.Create(false);
        return Integer(text) ?? Fraction(text) ?? JsonValue.Create(text);
    }

    private static JsonValue? Integer(string text)
    {
        var negative = text[0] == '-';
        var digits = (negative || text[0] == '+' ? text[1..] : text).Replace("_", "", StringComparison.Ordinal);
        if (digits.Length == 0 || text[^1] == '_' || !char.IsAsciiDigit(digits[0])) return null;
        var (radix, body) = digits switch
        {
            ['0', 'x', .. var rest] => (16, rest),
            ['0', 'b', .. var rest] => (2, rest),
            ['0', 'o', .. var rest] => (8, rest),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        if (body.Length is 0 or > 64) return null;
        BigInteger value = 0;
        foreach (var c in body)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) return null;
            value = value * radix + digit;
        }
        if (negative) value = -value;
        return value >= long.MinValue && value <= long.MaxValue ? JsonValue.Create((long)value)
            : value >= 0 && value <= ulong.MaxValue ? JsonValue.Create((ulong)value)
            : JsonValue.Create((double)value);
    }

    private static JsonValue? Fraction(string text)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint
            | NumberStyles.AllowExponent;
        // Words such as Infinity have no form in JSON and stay text.
        var numeric = text.Any(char.IsAsciiDigit) && text.All(c => char.IsAsciiDigit(c) || "+-.eE".Contains(c));
        return numeric && double.TryParse(text, Style, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) ? JsonValue.Create(value) : null;
    }
}
