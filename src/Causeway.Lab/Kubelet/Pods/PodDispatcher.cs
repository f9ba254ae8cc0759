using System.Collections.Concurrent;
using Causeway.Kubernetes.Watching;
using Causeway.Lab.Kubelet.Nodes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>Hands every pod that is bound to one of the lab's nodes to a worker, by uid: a pod and its
/// successor of the same name are two.</summary>
internal sealed class PodDispatcher(
    KubeletContext context, IReadOnlyDictionary<string, (KubeletNode Node, NodeLoop Loop)> nodes)
{
    private static readonly TimeSpan AgainPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (PodWorker Worker, Task Run)> _workers = [];

    /// <summary>Ends when no worker runs.</summary>
    public Task Ended => Task.WhenAll(_workers.Values.Select(w => w.Run));

    /// <summary>The worker of a pod; null when it does not run here.</summary>
    public PodWorker? Find(string uid) => _workers.TryGetValue(uid, out var found) ? found.Worker : null;

    /// <summary>Follows the API until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel)
    {
        var reflector = new Reflector<PodObject>(
            context.Options.Client, KubeletContext.PodType, new() { OnProblem = context.Problem },
            context.Time,
            new Random(nodes.Count));
        return reflector.Run(Take, cancel);
    }

    private ValueTask Take(Change<PodObject> change)
    {
        if (change.Kind == ChangeKind.Synced) RemoveStaleLogs();
        else if (change.New is { } pod) Meet(pod);
        else if (change.Old?.Metadata.Uid is { } uid) Find(uid)?.Gone();
        return ValueTask.CompletedTask;
    }

    private void Meet(PodObject pod)
    {
        if (pod.Spec?.NodeName is not { } name || !nodes.TryGetValue(name, out var node)) return;
        var uid = pod.Metadata.Uid!;
        if (Find(uid) is { } known)
        {
            known.Update(pod);
            return;
        }
        Begin(pod, node);
    }

    private PodWorker Begin(PodObject pod, (KubeletNode Node, NodeLoop Loop) node)
    {
        var worker = new PodWorker(context, node.Node, node.Loop.Sandboxes, pod);
        worker.Update(pod);
        // In the table before it runs, so that its end takes it out.
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _workers[pod.Metadata.Uid!] = (worker, RunAsync(worker, node, begin.Task));
        begin.SetResult();
        return worker;
    }

    private async Task RunAsync(PodWorker worker, (KubeletNode Node, NodeLoop Loop) node, Task begin)
    {
        await begin;
        try
        {
            if (await TryRunAsync(worker, node.Loop)) return;
            await Task.Delay(AgainPause, context.Time, context.Lifetime);
            if (!worker.IsGone) Replace(worker, node);
        }
        catch (OperationCanceledException) when (context.Lifetime.IsCancellationRequested)
        {
            // The kubelet ends; the pod comes back with the next one.
        }
        finally
        {
            var uid = worker.Pod.Metadata.Uid!;
            if (Find(uid) == worker) _workers.TryRemove(uid, out _);
            worker.Dispose();
        }
    }

    /// <summary>False when something unforeseen ended it: a pod that nobody looks after would stay for ever.</summary>
    private async Task<bool> TryRunAsync(PodWorker worker, NodeLoop node)
    {
        try
        {
            await worker.RunAsync(node.NetworkReady);
            return true;
        }
        catch (Exception e) when (!context.Lifetime.IsCancellationRequested)
        {
            context.Problem($"{worker.Pod.Key}: {e}");
        }
        try
        {
            await worker.AbandonAsync();
        }
        catch (Exception e) when (!context.Lifetime.IsCancellationRequested)
        {
            context.Problem($"{worker.Pod.Key}: {e}");
        }
        return false;
    }

    private void Replace(PodWorker worker, (KubeletNode Node, NodeLoop Loop) node)
    {
        var next = Begin(worker.Latest, node);
        // What the old one was told until the new one took its place.
        next.Update(worker.Latest);
        if (worker.IsGone) next.Gone();
    }

    /// <summary>Logs of pods that went while no kubelet ran.</summary>
    private void RemoveStaleLogs()
    {
        foreach (var directory in Directory.GetDirectories(PodPaths.AllLogs(context.Options)))
        {
            if (Path.GetFileName(directory).Split('_') is [_, _, var uid] && Find(uid) is not null) continue;
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // The last of a pod that just ended.
            }
        }
    }
}
