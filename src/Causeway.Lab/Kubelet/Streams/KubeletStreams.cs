using Causeway.Lab.ApiServer.Streams;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Pods;

namespace Causeway.Lab.Kubelet.Streams;

/// <summary>
/// Logs, exec and attach of the pods of a running kubelet. Made before the API server, which serves it, and
/// joined with the kubelet once that runs; before and after, requests are refused with a reason.
/// </summary>
public sealed class KubeletStreams : IKubeletStreams
{
    private volatile Joined? _joined;

    internal void Attach(KubeletContext context, PodDispatcher pods) => _joined = new(context, pods);

    internal void Detach() => _joined = null;

    public async Task<KubeletFault?> WriteLogAsync(PodLogRequest request, Stream output,
        CancellationToken cancel)
    {
        if (Find(request.PodUid, request.Container, out var fault) is not { } container) return fault;
        var log = request.Previous ? container.PreviousLog : container.Log;
        if (log is null)
            return request.Previous
                ? new($"previous terminated container \"{request.Container}\" in pod \"{request.Pod}\" not found")
                : new($"container \"{request.Container}\" in pod \"{request.Pod}\" is waiting to start: "
                    + (container.Seen.State as ContainerState.Waiting)?.Reason);
        await new LogReader(log, request).WriteAsync(output, cancel);
        return null;
    }

    public async Task<ExecOutcome> ExecAsync(PodExecRequest request, PodStreams streams,
        CancellationToken cancel)
    {
        if (Find(request.PodUid, request.Container, out var fault) is not { } container) return new(-1,
            fault);
        var setting = _joined?.Pods.Find(request.PodUid)?.Setting;
        if (setting is null || container.Process is not { Exited.IsCompleted: false } process)
            return ExecOutcome.Failed($"container \"{request.Container}\" is not running");
        return await PodProcesses.ExecAsync(container.Spec, setting, process, request, streams, cancel);
    }

    /// <summary>Input does not reach a main process here: it has none. Its output does.</summary>
    public async Task<ExecOutcome> AttachAsync(PodExecRequest request, PodStreams streams,
        CancellationToken cancel)
    {
        if (Find(request.PodUid, request.Container, out var fault) is not { } container) return new(-1,
            fault);
        if (container.Log is not { } log || container.Process is not { } process || streams.Stdout is null)
            return ExecOutcome.Failed($"container \"{request.Container}\" is not running");
        var follow = new PodLogRequest(
            request.Node, request.Namespace, request.Pod, request.PodUid, request.Container, Follow: true,
            Previous: false, Timestamps: false, TailLines: 0, Since: null, LimitBytes: null);
        await new LogReader(log, follow).WriteAsync(streams.Stdout, cancel);
        return new(await process.Exited.WaitAsync(cancel));
    }

    private PodContainer? Find(string uid, string name, out KubeletFault? fault)
    {
        var worker = _joined?.Pods.Find(uid);
        var container = worker?.Containers.Concat(worker.Inits).FirstOrDefault(c => c.Name == name);
        fault = container is not null ? null
            : _joined is null ? new("the kubelet is not running yet: try again")
            : worker is null ? new("the node has not met this pod yet: try again")
            : new($"container \"{name}\" is not one of the pod's");
        return container;
    }

    private sealed record Joined(KubeletContext Context, PodDispatcher Pods);
}
