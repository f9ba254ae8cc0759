using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Wire.Cni;

namespace Causeway.Lab.Kubelet.Network;

/// <summary>An attachment that was begun and not yet deleted.</summary>
/// <param name="Result">What ADD gave, as it printed it; null while it runs or when it failed.</param>
internal sealed record KnownAttachment(CniAttachment Attachment, string? Result);

/// <summary>
/// A node's attachments on disk, one file each: written before ADD, removed after DEL. Whatever ends this
/// process in between, the next start finds what must be deleted.
/// </summary>
internal sealed class AttachmentCache
{
    private readonly string _directory;

    public AttachmentCache(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
    }

    public void Write(KnownAttachment known)
    {
        var attachment = known.Attachment;
        var arguments = new JsonArray(
            [.. attachment.Arguments.Select(a => (JsonNode)new JsonArray(a.Key, a.Value))]);
        var capabilities = new JsonObject();
        foreach (var (name, value) in attachment.CapabilityArguments)
            capabilities[name] = JsonNode.Parse(value.GetRawText());
        var json = new JsonObject
        {
            ["containerId"] = attachment.ContainerId,
            ["netns"] = attachment.Netns,
            ["ifName"] = attachment.IfName,
            ["arguments"] = arguments,
            ["capabilities"] = capabilities,
            ["result"] = known.Result,
        };
        var path = PathOf(attachment);
        File.WriteAllText(path + ".new", json.ToJsonString());
        File.Move(path + ".new", path, overwrite: true);
    }

    public void Remove(CniAttachment attachment) => File.Delete(PathOf(attachment));

    /// <summary>Null when the attachment is not known (any more).</summary>
    public KnownAttachment? Find(string containerId, string ifName)
    {
        var path = Path.Combine(_directory, $"{containerId}-{ifName}.json");
        return File.Exists(path) ? Read(JsonElement.Parse(File.ReadAllText(path))) : null;
    }

    /// <summary>Files that a crash left unreadable are removed: GC covers what they stood for.</summary>
    public IReadOnlyList<KnownAttachment> ReadAll()
    {
        List<KnownAttachment> all = [];
        foreach (var path in Directory.GetFiles(_directory))
        {
            try
            {
                all.Add(Read(JsonElement.Parse(File.ReadAllText(path))));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                File.Delete(path);
            }
        }
        return all;
    }

    private static KnownAttachment Read(JsonElement json) => new(
        new()
        {
            ContainerId = json.GetProperty("containerId").GetString()!,
            Netns = json.GetProperty("netns").GetString()!,
            IfName = json.GetProperty("ifName").GetString()!,
            Arguments =
            [
                .. json.GetProperty("arguments").EnumerateArray()
                    .Select(a => KeyValuePair.Create(a[0].GetString()!, a[1].GetString()!)),
            ],
            CapabilityArguments = json.GetProperty("capabilities").EnumerateObject()
                .ToImmutableDictionary(p => p.Name, p => p.Value.Clone()),
        },
        json.GetProperty("result").GetString());

    private string PathOf(CniAttachment attachment) =>
        Path.Combine(_directory, $"{attachment.ContainerId}-{attachment.IfName}.json");
}
