using System.Text.Json.Nodes;
using System.Threading.Channels;
using Causeway.Kubernetes;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>
/// Writes a pod's status when it changed: the newest only, and a pod that is still coming up is given a
/// moment, which ends when it is up, so that most pods cost one write.
/// </summary>
internal sealed class PodStatusWriter
{
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly KubeletContext _context;
    private readonly PodObject _pod;
    private readonly Func<PodObservation> _observe;
    private readonly Channel<bool> _dirty = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private IReadOnlyList<ObjectCondition> _conditions;
    private string? _written;
    private Task? _news;

    public PodStatusWriter(KubeletContext context, PodObject pod, Func<PodObservation> observe)
    {
        (_context, _pod, _observe) = (context, pod, observe);
        _conditions = pod.Status?.Conditions ?? [];
    }

    public void Changed() => _dirty.Writer.TryWrite(true);

    /// <summary>Until cancelled, or until the pod is gone from the API.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await News.WaitAsync(cancel);
            Take();
            await HoldAsync(cancel);
            while (!await TryWriteAsync(cancel)) await Task.Delay(RetryPause, _context.Time, cancel);
        }
    }

    private Task News => _news ??= _dirty.Reader.WaitToReadAsync(CancellationToken.None).AsTask();

    private void Take()
    {
        _news = null;
        _dirty.Reader.TryRead(out _);
    }

    private async Task HoldAsync(CancellationToken cancel)
    {
        var end = Task.Delay(Hold, _context.Time, cancel);
        while (IsComingUp(_observe()) && await Task.WhenAny(News, end) != end) Take();
        cancel.ThrowIfCancellationRequested();
    }

    // Without probes what runs is ready, but for a built-in server that has yet to say that it serves.
    private bool IsComingUp(PodObservation seen) =>
        PodStatusDocument.Phase(seen) == PodPhase.Pending
        || seen.Containers.Zip(_pod.Spec?.Containers ?? []).Any(static c =>
            c is ({ Ready: false, State: ContainerState.Running }, { StartupProbe: null, ReadinessProbe: null }));

    /// <summary>False when it is to be tried again.</summary>
    private async Task<bool> TryWriteAsync(CancellationToken cancel)
    {
        var now = _context.Time.GetUtcNow();
        var seen = _observe();
        var status = PodStatusDocument.Build(seen, _conditions, now);
        var text = status.ToJsonString();
        if (text == _written) return true;
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = _pod.Metadata.Uid },
            ["status"] = status,
        };
        try
        {
            await _context.Options.Client.Patch(
                KubeletContext.PodType, _pod.Metadata.Name, PatchFormat.Merge, patch, _pod.Metadata.Namespace,
                new("status"), cancel);
        }
        catch (KubeException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or another pod of this name: the watch will tell.
            return true;
        }
        catch (KubeException e)
        {
            _context.Problem($"{_pod.Key}: status: {e.Message}");
            return false;
        }
        _written = text;
        _conditions = PodStatusDocument.Conditions(seen, PodStatusDocument.Phase(seen), _conditions, now);
        return true;
    }
}
