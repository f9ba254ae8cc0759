using Causeway.Core;
using Causeway.Core.Wire.Cni;
using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Network;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>A pod's attempts at a network: the one that succeeded, and those that failed and must be
/// undone.</summary>
internal sealed class PodSandboxes(KubeletContext context, KubeletNode node, SandboxMaker maker,
    PodObject pod)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly List<Task> _undone = [];

    /// <summary>Tries until it succeeds; null when the pod is to end before. An ADD that has begun is always
    /// awaited: a plugin that is cut short leaves more than one that is undone.</summary>
    public async Task<PodSandbox?> CreateAsync(CancellationToken stop)
    {
        if (pod.Spec?.HostNetwork == true)
            return new("", node.NetworkNamespace, [.. node.Addresses.Select(a => a.ToString())]);
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            var attempt = await maker.CreateAsync(pod, context.Lifetime);
            if (attempt.Sandbox is { } sandbox) return sandbox;
            _undone.Add(maker.DeleteAsync(attempt.Attachment, context.Lifetime));
            context.Tell(pod, node.Name, EventNote.Warning, "FailedCreatePodSandBox",
                "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: "
                + attempt.Problem);
            try
            {
                await Task.Delay(attempt.Soon ? FirstPause : pause, context.Time, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return null;
            }
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
        return null;
    }

    /// <summary>Ends what still runs in the pod's network, and undoes every attempt. Returns when all
    /// are.</summary>
    public async Task DeleteAsync(PodSandbox? sandbox)
    {
        if (sandbox is { Id.Length: > 0 })
        {
            await Task.Run(() => PodTeardown.KillRemaining(sandbox.NamespacePath));
            _undone.Add(maker.DeleteAsync(sandbox.Id, context.Lifetime));
        }
        await Task.WhenAll(_undone);
    }
}
