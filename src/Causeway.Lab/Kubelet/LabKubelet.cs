using System.Collections.Concurrent;
using Causeway.Kubernetes.Watching;
using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Network;
using Causeway.Lab.Kubelet.Nodes;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet;

/// <summary>The kubelets of a lab in one process: one watch of all pods, each handed to a worker of its
/// own.</summary>
public static class LabKubelet
{
    /// <summary>Runs until cancelled; then ends the pods' processes and returns. The pods stay in the API,
    /// and come back with the next run.</summary>
    public static async Task RunAsync(KubeletOptions options, TimeProvider time, CancellationToken cancel)
    {
        foreach (var directory in (string[])["pods", "files"])
        {
            // What a killed kubelet left would be entered, or counted, as if it lived.
            var path = Path.Combine(options.RunDirectory, directory);
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            Directory.CreateDirectory(path);
        }
        SandboxMaker.ForgetNames(options.NamespaceDirectory);
        Directory.CreateDirectory(PodPaths.AllLogs(options));
        // A part that fails ends the others.
        using var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var gate = new SemaphoreSlim(options.ParallelCalls);
        using var output = new OutputPump();
        using var mounts = new PodMounts(options.NamespaceDirectory);
        var events = new EventRecorder(options.Client, "kubelet", time);
        var sources = new PodSources(options.Client);
        var context = new KubeletContext(options, time, output, mounts, events, sources, lifetime.Token);
        var machine = Machine.Read();
        var nodes = options.Nodes.ToDictionary(n => n.Name, n =>
            (Node: n, Loop: new NodeLoop(context, n, machine, gate)));
        var pods = new PodDispatcher(context, nodes);
        options.Streams?.Attach(context, pods);
        List<Task> parts =
        [
            events.RunAsync(lifetime.Token), pods.RunAsync(lifetime.Token),
            sources.RunAsync(time, context.Problem, lifetime.Token),
            .. nodes.Values.Select(n => n.Loop.RunAsync(lifetime.Token)),
        ];
        try
        {
            await await Task.WhenAny(parts);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Told to end.
        }
        finally
        {
            await lifetime.CancelAsync();
            await Task.WhenAll(parts).ContinueWith(static _ => { }, TaskScheduler.Default);
            await pods.Ended;
            options.Streams?.Detach();
            foreach (var (_, loop) in nodes.Values) loop.Dispose();
        }
    }
}
