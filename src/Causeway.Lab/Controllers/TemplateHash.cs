using System.Text;
using System.Text.Json;

namespace Causeway.Lab.Controllers;

/// <summary>
/// The short name of a pod template, as the pod-template-hash and controller-revision-hash labels carry it:
/// equal for templates that say the same, whatever the order of their fields.
/// </summary>
public static class TemplateHash
{
    /// <summary>No vowels and no look-alikes: a hash spells no words (the alphabet of Kubernetes' generated
    /// names).</summary>
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <param name="collision">Counts up when another template was met under the same hash.</param>
    public static string Of(JsonElement template, int collision = 0)
    {
        var hash = Fnv(Fnv(14695981039346656037, Canonical(template)), $"#{collision}");
        var text = new StringBuilder(10);
        for (var i = 0; i < 10; i++, hash /= (ulong)Alphabet.Length)
            text.Append(Alphabet[(int)(hash % (ulong)Alphabet.Length)]);
        return text.ToString();
    }

    /// <summary>JSON with the members of every object sorted and nulls left out.</summary>
    internal static string Canonical(JsonElement element)
    {
        var text = new StringBuilder();
        Write(element, text);
        return text.ToString();
    }

    private static void Write(JsonElement element, StringBuilder text)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var member in element.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    if (member.Value.ValueKind == JsonValueKind.Null) continue;
                    text.Append('"').Append(JsonEncodedText.Encode(member.Name)).Append("\":");
                    Write(member.Value, text);
                    text.Append(',');
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in element.EnumerateArray())
                {
                    Write(item, text);
                    text.Append(',');
                }
                text.Append(']');
                break;
            case JsonValueKind.Undefined:
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    private static ulong Fnv(ulong hash, string text)
    {
        foreach (var b in Encoding.UTF8.GetBytes(text)) hash = unchecked((hash ^ b) * 1099511628211);
        return hash;
    }
}
