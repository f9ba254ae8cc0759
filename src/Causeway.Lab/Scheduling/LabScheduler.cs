using System.Text.Json.Nodes;
using System.Threading.Channels;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Controllers;
using Causeway.Lab.Events;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Scheduling;

/// <summary>Binds pods to nodes: one decision at a time, each seeing those before it; bindings are sent side
/// by side.</summary>
internal sealed class LabScheduler
{
    private const string Name = "default-scheduler";
    private const int ParallelBindings = 8;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly KubeClient _client;
    private readonly ClusterCaches _caches;
    private readonly EventRecorder _events;
    private readonly TimeProvider _time;
    private readonly Action<string>? _onProblem;
    private readonly PlacementCounts _counts = new();
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _pending = new(StringComparer.Ordinal);
    private readonly HashSet<string> _binding = [];
    private readonly Dictionary<string, string> _told = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public LabScheduler(
        KubeClient client, ClusterCaches caches, EventRecorder events, TimeProvider time,
        Action<string>? onProblem)
    {
        (_client, _caches, _events, _time, _onProblem) = (client, caches, events, time, onProblem);
        caches.Pods.OnChange(PodChanged);
        caches.Nodes.OnChange((_, _) => _wake.Writer.TryWrite(true));
    }

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var free = new SemaphoreSlim(ParallelBindings);
        while (true)
        {
            await _wake.Reader.ReadAsync(cancel);
            foreach (var key in Pending())
            {
                if (Decide(key) is not var (pod, node)) continue;
                await free.WaitAsync(cancel);
                _ = BindAsync(pod, node, free, cancel);
            }
        }
    }

    private void PodChanged(PodObject? before, PodObject? now)
    {
        var pod = (now ?? before)!;
        lock (_lock)
        {
            // Changes may be told in another order than they came in: what the cache has now is the last.
            now = _caches.Pods.Find(pod.Key);
            if (now is null) _counts.Remove(pod.Key);
            else if (!_binding.Contains(pod.Key)
                || !string.IsNullOrEmpty(now.Spec?.NodeName)) _counts.Set(now);
            var waits = now is { IsActive: true, Spec: not null } && string.IsNullOrEmpty(now.Spec.NodeName)
                && (now.Spec.SchedulerName ?? Name) == Name;
            if (waits) _pending.Add(pod.Key);
            else if (_pending.Remove(pod.Key)) _told.Remove(pod.Key);
            if (_pending.Count > 0) _wake.Writer.TryWrite(true);
        }
    }

    private List<string> Pending()
    {
        lock (_lock) return [.. _pending.Where(k => !_binding.Contains(k))];
    }

    private (PodObject Pod, string Node)? Decide(string key)
    {
        if (_caches.Pods.Find(key) is not { } pod) return null;
        string reason;
        lock (_lock)
        {
            // It may have been bound since the list was made.
            if (!_pending.Contains(key) || _binding.Contains(key)) return null;
            var placement = PodPlacement.Choose(pod, [.. _caches.Nodes.All], _counts);
            if (placement.Node is { } node)
            {
                _counts.Place(pod, node);
                _binding.Add(key);
                return (pod, node);
            }
            reason = placement.Reason!;
            if (_told.GetValueOrDefault(key) == reason) return null;
            _told[key] = reason;
        }
        _events.Tell(new(ApiResources.Pods, pod, EventNote.Warning, "FailedScheduling", reason));
        _ = TellUnschedulableAsync(pod, reason);
        return null;
    }

    private async Task BindAsync(PodObject pod, string node, SemaphoreSlim free, CancellationToken cancel)
    {
        var failed = true;
        try
        {
            await _client.CreateSubresource(
                KubeTypes.Tree(ApiResources.Pods), pod.Metadata.Name, pod.Metadata.Namespace, "binding",
                new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Binding",
                    ["metadata"] = new JsonObject
                    {
                        ["name"] = pod.Metadata.Name,
                        ["namespace"] = pod.Metadata.Namespace,
                        ["uid"] = pod.Metadata.Uid,
                    },
                    ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node },
                },
                cancel);
            failed = false;
            _events.Tell(new(ApiResources.Pods, pod, EventNote.Normal, "Scheduled",
                $"Successfully assigned {pod.Key} to {node}"));
        }
        catch (KubeException e) when (e.IsNotFound || e.IsConflict)
        {
            // Deleted, or bound by somebody else: the watch tells.
        }
        catch (KubeException e)
        {
            _onProblem?.Invoke($"scheduler {pod.Key}: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            Settle(pod, failed);
            if (!cancel.IsCancellationRequested) free.Release();
        }
        if (!failed) return;
        await Task.Delay(RetryPause, _time, cancel).ContinueWith(static _ => { }, TaskScheduler.Default);
        _wake.Writer.TryWrite(true);
    }

    private void Settle(PodObject bound, bool failed)
    {
        var key = bound.Key;
        lock (_lock)
        {
            _binding.Remove(key);
            var known = _caches.Pods.Find(key);
            if (!failed && (known is null || known.Metadata.Uid == bound.Metadata.Uid))
            {
                _pending.Remove(key);
                _told.Remove(key);
                return;
            }
            if (known is not null) _counts.Set(known);
            else _counts.Remove(key);
            // Another of the same name, which came meanwhile.
            if (!failed) _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>The condition by which autoscalers and people see a pod that fits nowhere. Best
    /// effort.</summary>
    private async Task TellUnschedulableAsync(PodObject pod, string reason)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "PodScheduled",
                    ["status"] = "False",
                    ["reason"] = "Unschedulable",
                    ["message"] = reason,
                    ["lastTransitionTime"] = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
                }),
            },
        };
        try
        {
            await _client.Patch(
                KubeTypes.Tree(ApiResources.Pods), pod.Metadata.Name, PatchFormat.Strategic, patch,
                pod.Metadata.Namespace, new("status"));
        }
        catch (KubeException e)
        {
            _onProblem?.Invoke($"scheduler {pod.Key}: {e.Message}");
        }
    }
}
