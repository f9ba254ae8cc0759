using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Probes;

/// <summary>
/// The probes of one instance of a container. The startup probe comes first and alone; then liveness decides
/// whether the instance may go on, readiness whether it serves.
/// </summary>
/// <param name="begun">When the instance started.</param>
internal sealed class ContainerProbes(
    KubeletContext context, PodSetting setting, ContainerSpec spec, ProbeRunner runner, DateTimeOffset begun)
{
    /// <summary>Told whether it has started and whether it is ready, when that changed.</summary>
    public required Action<bool, bool> Changed { get; init; }

    /// <summary>Told which probe ended the instance; called once at most.</summary>
    public required Action<string, ProbeSpec> Failed { get; init; }

    /// <summary>Until the instance is over. Without a readiness probe it is ready once
    /// <paramref name="serving"/> ends.</summary>
    /// <param name="stop">The pod is to end: from then on only readiness is asked for.</param>
    public async Task RunAsync(Task serving, CancellationToken stop, CancellationToken over)
    {
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(stop, over);
        try
        {
            if (spec.StartupProbe is { } startup && !await StartupAsync(startup, alive.Token)) return;
            Changed(true, false);
            await Task.WhenAll(LivenessAsync(alive.Token), ReadinessAsync(serving, over));
        }
        catch (OperationCanceledException)
        {
            // The instance, or what it is asked for, is over.
        }
    }

    private async Task<bool> StartupAsync(ProbeSpec probe, CancellationToken cancel)
    {
        var started = false;
        await LoopAsync("Startup", probe, false, passing =>
        {
            started = passing;
            if (!passing) Failed("startup", probe);
            return false;
        }, cancel);
        return started;
    }

    private async Task LivenessAsync(CancellationToken cancel)
    {
        if (spec.LivenessProbe is not { } probe) return;
        try
        {
            await LoopAsync("Liveness", probe, true, passing =>
            {
                if (!passing) Failed("liveness", probe);
                return passing;
            }, cancel);
        }
        catch (OperationCanceledException)
        {
            // Readiness goes on while the pod ends.
        }
    }

    private async Task ReadinessAsync(Task serving, CancellationToken over)
    {
        if (spec.ReadinessProbe is not { } probe)
        {
            await serving.WaitAsync(over);
            Changed(true, true);
            return;
        }
        var told = false;
        await LoopAsync("Readiness", probe, false, passing =>
        {
            if (passing != told) Changed(true, passing);
            told = passing;
            return true;
        }, over);
    }

    /// <param name="judge">Told what enough answers in a row say; false ends the asking.</param>
    private async Task LoopAsync(
        string kind, ProbeSpec probe, bool passing, Func<bool, bool> judge, CancellationToken cancel)
    {
        var count = new ProbeCount(probe, passing);
        var period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds));
        var delay = begun + TimeSpan.FromSeconds(probe.InitialDelaySeconds) - context.Time.GetUtcNow();
        if (delay > TimeSpan.Zero) await Task.Delay(delay, context.Time, cancel);
        while (true)
        {
            var asked = context.Time.GetTimestamp();
            var outcome = await runner.RunAsync(probe, cancel);
            cancel.ThrowIfCancellationRequested();
            if (!outcome.Success)
                context.Tell(setting.Pod, setting.Node.Name, EventNote.Warning, "Unhealthy",
                    $"{kind} probe failed: {outcome.Message}");
            if (count.Take(outcome.Success) && !judge(count.Passing)) return;
            var rest = period - context.Time.GetElapsedTime(asked);
            if (rest > TimeSpan.Zero) await Task.Delay(rest, context.Time, cancel);
        }
    }
}
