using System.Collections.Immutable;
using System.Text.Json;

namespace Causeway.Core.Wire.Cni;

/// <summary>One plugin of a list.</summary>
/// <param name="Capabilities">Those that it switches on.</param>
/// <param name="Configuration">All its keys, as they stand in the file.</param>
public sealed record NetworkPlugin(string Type, ImmutableArray<string> Capabilities, JsonElement Configuration);

/// <summary>A network configuration list: the file that an administrator writes
/// (CNI specification 1.1.0, section 1 "Configuration format").</summary>
public sealed record NetworkList
{
    /// <summary>The highest supported of <c>cniVersion</c> and <c>cniVersions</c>.</summary>
    public required string CniVersion { get; init; }

    public required string Name { get; init; }

    public bool DisableCheck { get; init; }

    public bool DisableGc { get; init; }

    /// <summary>At least one, in order of ADD.</summary>
    public required ImmutableArray<NetworkPlugin> Plugins { get; init; }

    /// <summary>
    /// Reads a list, or a single plugin's configuration as a list of one.
    /// Throws <see cref="InputException"/> that names the file and the field.
    /// </summary>
    /// <param name="source">The file's path, for messages.</param>
    public static NetworkList Parse(string text, string source)
    {
        try
        {
            return Read(JsonElement.Parse(text));
        }
        catch (JsonException e)
        {
            throw new InputException($"{source}: not JSON: {e.Message}", e);
        }
        catch (CniException e)
        {
            throw new InputException($"{source}: {e.Error.Details}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InputException($"{source}: a name holds bytes that are not Unicode text", e);
        }
    }

    private static NetworkList Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw CniText.Wanted("configuration", "an object", json);
        var name = json.OptionalString("name", "") ?? "";
        if (NetworkConfiguration.NameProblem(name) is { } problem) throw CniText.Invalid("name", problem);
        var plugins = json.Member("plugins") is null && json.Member("type") is not null
            ? [ReadPlugin(json, "")]
            : json.Items("plugins", "").Select((item, i) => ReadPlugin(item, $"plugins[{i}]")).ToImmutableArray();
        if (plugins.IsEmpty) throw CniText.Invalid("plugins", "a list has at least one plugin");
        return new NetworkList
        {
            CniVersion = Negotiate(json),
            Name = name,
            DisableCheck = LooseFlag(json, "disableCheck"),
            DisableGc = LooseFlag(json, "disableGC"),
            Plugins = plugins,
        };
    }

    private static string Negotiate(JsonElement json)
    {
        var single = NetworkConfiguration.VersionOf(json);
        var best = json.Strings("cniVersions", "").Append(single)
            .Where(Cni.CniVersion.IsSupported).MaxBy(v => Cni.CniVersion.Supported.IndexOf(v));
        return best ?? throw CniText.Invalid(
            "cniVersion",
            $"'{single}' is not supported; supported are {string.Join(", ", Cni.CniVersion.Supported)}");
    }

    private static NetworkPlugin ReadPlugin(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object) throw CniText.Wanted(path, "an object", json);
        var prefix = path.Length == 0 ? "" : path + ".";
        var type = json.OptionalString("type", prefix) ?? "";
        if (type.Length == 0 || type.Contains('/') || type is "." or "..")
            throw CniText.Invalid(prefix + "type", $"'{type}' is not the name of a plugin's executable");
        var capabilities = ImmutableArray.CreateBuilder<string>();
        if (json.OptionalObject("capabilities", prefix) is { } declared)
        {
            foreach (var capability in declared.EnumerateObject())
            {
                if (declared.Flag(capability.Name, $"{prefix}capabilities."))
                    capabilities.Add(capability.Name);
            }
        }
        return new(type, capabilities.ToImmutable(), json);
    }

    /// <summary>Files in the wild also write these flags as text.</summary>
    private static bool LooseFlag(JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.String } text
            ? text.Text() switch
            {
                "true" => true,
                "false" => false,
                var other => throw CniText.Invalid(name, $"'{other}' is not true or false"),
            }
            : json.Flag(name, "");
}
