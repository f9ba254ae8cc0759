using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;

namespace Causeway.Lab.Events;

/// <summary>Writes notes as Events, in the background.</summary>
/// <param name="component">Who tells: <c>kubelet</c>, <c>default-scheduler</c>,
/// <c>deployment-controller</c>.</param>
public sealed class EventRecorder(KubeClient client, string component, TimeProvider time)
{
    private const int WaitingNormal = 300;
    private const int WaitingAny = 5000;
    private const int Remembered = 4096;
    private static readonly KubeType<JsonObject> Events = KubeTypes.Tree(ApiResources.Events);

    private readonly Channel<(EventNote Note, string? Host, DateTimeOffset At)> _notes =
        Channel.CreateBounded<(EventNote, string?, DateTimeOffset)>(WaitingAny);
    private readonly Dictionary<string, (string Name, string Namespace, int Count)> _told = [];

    /// <summary>Never waits, never fails.</summary>
    /// <param name="host">The node of a kubelet; null elsewhere.</param>
    public void Tell(EventNote note, string? host = null)
    {
        if (note.Type == EventNote.Normal && _notes.Reader.Count > WaitingNormal) return;
        _notes.Writer.TryWrite((note, host, time.GetUtcNow()));
    }

    /// <summary>Writes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var (note, host, at) in _notes.Reader.ReadAllAsync(cancel))
        {
            try
            {
                await WriteAsync(note, host, at, cancel);
            }
            catch (KubeException)
            {
                // An event that cannot be written (its namespace is going, the server is away) is not worth a
                // retry.
            }
        }
    }

    private async Task WriteAsync(EventNote note, string? host, DateTimeOffset at, CancellationToken cancel)
    {
        var when = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var key = $"{note.About.Metadata.Uid} {note.Type} {note.Reason} {note.Message}";
        if (_told.TryGetValue(key, out var told))
        {
            _told[key] = told with { Count = told.Count + 1 };
            var again = new JsonObject { ["count"] = told.Count + 1, ["lastTimestamp"] = when };
            try
            {
                await client.Patch(Events, told.Name, PatchFormat.Merge, again, told.Namespace,
                    cancel: cancel);
                return;
            }
            catch (KubeException e) when (e.IsNotFound)
            {
                // Gone meanwhile: told anew.
            }
        }
        var ns = note.About.Metadata.Namespace ?? "default";
        var name = $"{note.About.Metadata.Name}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        await client.Create(Events, Document(note, host, ns, name, when), cancel);
        if (_told.Count >= Remembered) _told.Clear();
        _told[key] = (name, ns, 1);
    }

    private JsonObject Document(EventNote note, string? host, string ns, string name, string when)
    {
        var source = new JsonObject { ["component"] = component };
        if (host is not null) source["host"] = host;
        var about = new JsonObject
        {
            ["apiVersion"] = note.Resource.ApiVersion,
            ["kind"] = note.Resource.Kind,
            ["name"] = note.About.Metadata.Name,
            ["uid"] = note.About.Metadata.Uid,
            ["resourceVersion"] = note.About.Metadata.ResourceVersion,
        };
        if (note.About.Metadata.Namespace is { } aboutNamespace) about["namespace"] = aboutNamespace;
        return new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = about,
            ["type"] = note.Type,
            ["reason"] = note.Reason,
            ["message"] = note.Message,
            ["source"] = source,
            ["reportingComponent"] = component,
            ["reportingInstance"] = host ?? "",
            ["firstTimestamp"] = when,
            ["lastTimestamp"] = when,
            ["count"] = 1,
        };
    }
}
