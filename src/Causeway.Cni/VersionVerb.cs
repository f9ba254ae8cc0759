using System.Text.Json;
using Causeway.Core.Wire.Cni;

namespace Causeway.Cni;

/// <summary>VERSION: what this plugin speaks. Needs no agent.</summary>
internal static class VersionVerb
{
    public static string Run()
    {
        var supported = string.Join(',', CniVersion.Supported.Select(v => $"\"{v}\""));
        return $$"""{"cniVersion":"{{Asked()}}","supportedVersions":[{{supported}}]}""";
    }

    /// <summary>The version that the runtime speaks, where it says one that is known.</summary>
    private static string Asked()
    {
        // By hand at a terminal there is no configuration to wait for.
        if (!Console.IsInputRedirected) return CniVersion.Current;
        try
        {
            var json = JsonElement.Parse(Plugin.ReadInput());
            return json.ValueKind == JsonValueKind.Object
                && json.TryGetProperty("cniVersion", out var version)
                && version.ValueKind == JsonValueKind.String && version.GetString() is { } text
                && CniVersion.IsSupported(text)
                ? text
                : CniVersion.Current;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return CniVersion.Current;
        }
    }
}
