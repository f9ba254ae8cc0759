using System.Text.Json.Nodes;
using Causeway.Core;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Nodes;

/// <summary>
/// The CNI plugin and its configuration list as a node has them: ours, and after it in the chain what of
/// Debian's <c>containernetworking-plugins</c> the machine holds.
/// </summary>
/// <param name="Plugin">The file of our plugin.</param>
/// <param name="Chained">Names and files of the plugins after ours.</param>
/// <param name="CniVersion">The newest that the whole chain speaks.</param>
public sealed record CniInstallation(
    string Plugin, IReadOnlyList<(string Type, string Path)> Chained, string CniVersion)
{
    /// <summary>Names the plugin's file, where it does not stand beside this program.</summary>
    public const string PluginVariable = "CAUSEWAY_CNI";

    private const string DebianDirectory = "/usr/lib/cni";
    private const string Newest = "1.1.0";
    private const string Older = "1.0.0";

    private static readonly string[] Wanted = ["portmap", "bandwidth"];

    /// <summary>Throws <see cref="InputException"/> when our own plugin is nowhere.</summary>
    public static async Task<CniInstallation> FindAsync(CancellationToken cancellation)
    {
        List<(string, string)> chained = [];
        var version = Newest;
        foreach (var type in Wanted)
        {
            var path = Path.Combine(DebianDirectory, type);
            if (!File.Exists(path)) continue;
            chained.Add((type, path));
            if (!await SpeaksNewestAsync(path, cancellation)) version = Older;
        }
        return new(FindPlugin(), chained, version);
    }

    /// <summary>Lays the plugins out for one node.</summary>
    public void Install(NodePaths node)
    {
        Directory.CreateDirectory(node.CniBinaries);
        Directory.CreateDirectory(node.CniConfigurations);
        File.CreateSymbolicLink(Path.Combine(node.CniBinaries, "causeway"), Plugin);
        foreach (var (type, path) in Chained) File.CreateSymbolicLink(Path.Combine(node.CniBinaries, type), path);
    }

    /// <summary>Lays the configuration out, by which the node's kubelet knows that pods can be connected. It is
    /// never seen half written.</summary>
    public void Configure(NodePaths node)
    {
        var path = Path.Combine(node.CniConfigurations, "10-causeway.conflist");
        File.WriteAllText(path + ".new", ConfigurationList(node).ToJsonString());
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>The list (CNI specification, section 1), with this node's agent socket.</summary>
    public JsonObject ConfigurationList(NodePaths node)
    {
        var plugins = new JsonArray(new JsonObject { ["type"] = "causeway", ["socket"] = node.AgentSocket });
        foreach (var (type, _) in Chained)
        {
            var capability = type == "portmap" ? "portMappings" : "bandwidth";
            plugins.Add((JsonNode)new JsonObject
            {
                ["type"] = type,
                ["capabilities"] = new JsonObject { [capability] = true },
            });
        }
        return new JsonObject { ["cniVersion"] = CniVersion, ["name"] = "causeway", ["plugins"] = plugins };
    }

    private static async Task<bool> SpeaksNewestAsync(string path, CancellationToken cancellation)
    {
        var start = new ProcessStart(path)
        {
            Environment = new Dictionary<string, string> { ["CNI_COMMAND"] = "VERSION" },
        };
        var result = await ProcessSpawner.Run(
            start, $$"""{"cniVersion":"{{Newest}}"}""", TimeSpan.FromSeconds(10), cancellation);
        return result.Succeeded && result.Output.Contains($"\"{Newest}\"", StringComparison.Ordinal);
    }

    private static string FindPlugin()
    {
        if (Environment.GetEnvironmentVariable(PluginVariable) is { Length: > 0 } named)
            return File.Exists(named) ? named
                : throw new InputException($"{PluginVariable}={named}: there is no such file");
        var beside = Path.Combine(AppContext.BaseDirectory, "causeway-cni");
        if (File.Exists(beside)) return beside;
        // A developer's build: each project has a folder of its own, of the same depth.
        var sibling = AppContext.BaseDirectory.Replace("/Causeway/bin/", "/Causeway.Cni/bin/", StringComparison.Ordinal);
        var built = Path.Combine(sibling, "causeway-cni");
        return File.Exists(built) ? built : throw new InputException(
            $"the CNI plugin 'causeway-cni' is not beside this program ({AppContext.BaseDirectory}); "
            + $"build it, or name it in {PluginVariable}");
    }
}
