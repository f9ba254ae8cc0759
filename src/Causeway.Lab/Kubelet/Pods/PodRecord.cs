using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>
/// How another process of the capsule finds a pod: <c>RUN-DIR/pods/NAMESPACE_NAME.json</c>. To enter its
/// first container: <c>nsenter --target PID --net --mount --uts -- COMMAND</c>.
/// </summary>
/// <param name="Pid">Of the main process of a container that runs; 0 when none does.</param>
public sealed record PodRecord(
    string Namespace, string Name, string Uid, string Node, string NetworkNamespace, string SandboxId,
    IReadOnlyList<PodRecordContainer> Containers)
{
    public static string PathOf(string runDirectory, string ns, string name) =>
        Path.Combine(runDirectory, "pods", $"{ns}_{name}.json");

    /// <summary>The container of this name, or without a name the first that runs; null when there is
    /// none.</summary>
    public PodRecordContainer? Find(string? container) => Containers.FirstOrDefault(
        c => c.Pid > 0 && (container is null || c.Name == container));

    public string Print()
    {
        var containers = new JsonArray();
        foreach (var container in Containers)
            containers.Add((JsonNode)new JsonObject
            {
                ["name"] = container.Name,
                ["id"] = container.Id,
                ["pid"] = container.Pid,
                ["mountNamespace"] = $"/proc/{container.Pid}/ns/mnt",
            });
        return new JsonObject
        {
            ["namespace"] = Namespace,
            ["name"] = Name,
            ["uid"] = Uid,
            ["node"] = Node,
            ["networkNamespace"] = NetworkNamespace,
            ["sandboxId"] = SandboxId,
            ["containers"] = containers,
        }.ToJsonString();
    }

    /// <summary>Null when there is no such pod on this machine now.</summary>
    public static PodRecord? Read(string runDirectory, string ns, string name)
    {
        try
        {
            var json = JsonElement.Parse(File.ReadAllText(PathOf(runDirectory, ns, name)));
            return new(
                json.GetProperty("namespace").GetString()!, json.GetProperty("name").GetString()!,
                json.GetProperty("uid").GetString()!, json.GetProperty("node").GetString()!,
                json.GetProperty("networkNamespace").GetString()!, json.GetProperty("sandboxId").GetString()!,
                [.. json.GetProperty("containers").EnumerateArray().Select(c => new PodRecordContainer(
                    c.GetProperty("name").GetString()!, c.GetProperty("id").GetString()!,
                    c.GetProperty("pid").GetInt32()))]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Replaces the file at once, so that no reader sees half of it.</summary>
    public void Write(string runDirectory)
    {
        var path = PathOf(runDirectory, Namespace, Name);
        File.WriteAllText(path + ".new", Print());
        File.Move(path + ".new", path, overwrite: true);
    }
}

public sealed record PodRecordContainer(string Name, string Id, int Pid);
