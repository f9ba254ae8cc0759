using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Cli;

/// <summary>Results as JSON on standard output.</summary>
internal static class JsonOutput
{
    public static void Write(JsonNode json)
    {
        using var output = Console.OpenStandardOutput();
        // For terminals and jq, not for HTML: evidence keeps its angle brackets.
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(output, options)) json.WriteTo(writer);
        output.Write("\n"u8);
    }
}
