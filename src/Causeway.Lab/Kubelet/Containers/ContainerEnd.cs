using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Kubelet.Probes;
using Causeway.Lab.Objects;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>How a running instance is ended: its preStop hook, SIGTERM, and after the grace period
/// SIGKILL.</summary>
internal sealed class ContainerEnd(
    KubeletContext context, ContainerSpec spec, PodSetting setting, ChildProcess process, ProbeRunner runner)
{
    /// <summary>Hook and SIGTERM; whoever calls sees to SIGKILL.</summary>
    /// <param name="kill">The grace period is over: the hook is not waited for any longer.</param>
    public async Task AskAsync(CancellationToken kill)
    {
        try
        {
            if (spec.Lifecycle?.PreStop is { } hook && !process.Exited.IsCompleted)
                await Task.WhenAny(RunAsync(hook, kill), process.Exited);
        }
        catch (OperationCanceledException)
        {
            // SIGKILL has come.
        }
        if (!process.Exited.IsCompleted) process.KillGroup(Signal.Terminate);
    }

    /// <summary>A probe's verdict: the instance ends, with a grace period of its own.</summary>
    public async Task EnforceAsync(string probe, long? graceSeconds)
    {
        context.Tell(setting.Pod, setting.Node.Name, EventNote.Normal, "Killing",
            $"Container {spec.Name} failed {probe} probe, will be restarted");
        var grace = PodGrace.Of(graceSeconds ?? setting.Pod.Spec?.TerminationGracePeriodSeconds);
        using var kill = new CancellationTokenSource(grace, context.Time);
        using var onKill = kill.Token.Register(() => process.KillGroup(Signal.Kill));
        await AskAsync(kill.Token);
        await process.Exited;
    }

    private async Task RunAsync(LifecycleHook hook, CancellationToken kill)
    {
        ProbeOutcome outcome = new(true, "");
        if (hook.Sleep is { } sleep)
            await Task.Delay(PodGrace.Of(sleep.Seconds), context.Time, kill);
        else if (hook.Exec is { } exec) outcome = await runner.ExecAsync(exec.Command ?? [], kill);
        else if (hook.HttpGet is { } get) outcome = await TryGetAsync(get, kill);
        if (!outcome.Success)
            context.Tell(setting.Pod, setting.Node.Name, EventNote.Warning, "FailedPreStopHook",
                outcome.Message);
    }

    private async Task<ProbeOutcome> TryGetAsync(HttpGetAction get, CancellationToken kill)
    {
        try
        {
            return await runner.GetAsync(get, kill);
        }
        catch (HttpRequestException e)
        {
            return new(false, e.Message);
        }
    }
}
