using System.Collections.Immutable;
using Causeway.Core;
using Causeway.Core.Wire.Cni;
using Causeway.Kubernetes;
using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Network;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>
/// One pod from its binding to its end: network, init containers, containers, and all of it undone again.
/// Everything about one pod happens here, in order; different pods know nothing of each other.
/// </summary>
internal sealed class PodWorker : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly Lock Records = new();

    private readonly KubeletContext _context;
    private readonly KubeletNode _node;
    private readonly PodSandboxes _sandboxes;
    private readonly PodVolumes _volumes;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _kill;
    private readonly PodStatusWriter _status;
    private readonly ImmutableArray<string> _hostAddresses;
    private readonly DateTimeOffset _started;
    private TimeSpan _grace;
    private bool _ending;
    private PodSandbox? _sandbox;
    private readonly Lock _gate = new();
    private volatile bool _gone;
    private bool _disposed;

    public PodWorker(KubeletContext context, KubeletNode node, SandboxMaker sandboxes, PodObject pod)
    {
        (_context, _node, Pod, Latest) = (context, node, pod, pod);
        _kill = new(Timeout.InfiniteTimeSpan, context.Time);
        _grace = PodGrace.Of(pod.Spec?.TerminationGracePeriodSeconds);
        _started = pod.Status?.StartTime ?? context.Time.GetUtcNow();
        _hostAddresses = [.. node.Addresses.Select(a => a.ToString())];
        _status = new(context, pod, Observe);
        _sandboxes = new(context, node, sandboxes, pod);
        _volumes = new(context, node.Name, pod, Path.Combine(FilesDirectory, "volumes"));
        var policy = pod.Spec?.RestartPolicy ?? "Always";
        Inits = [.. (pod.Spec?.InitContainers ?? []).Select(c => Container(
            c, c.RestartPolicy == "Always" ? "Always" : policy == "Never" ? "Never" : "OnFailure",
            pod.Status?.InitContainerStatuses, ContainerState.Initializing))];
        Containers = [.. (pod.Spec?.Containers ?? []).Select(c => Container(
            c, policy, pod.Status?.ContainerStatuses,
            Inits.IsEmpty ? ContainerState.Creating : ContainerState.Initializing))];
    }

    public PodObject Pod { get; }

    /// <summary>The newest version that is known.</summary>
    public PodObject Latest { get; private set; }

    /// <summary>The pod is in the API no more.</summary>
    public bool IsGone => _gone;

    public ImmutableArray<PodContainer> Inits { get; }

    public ImmutableArray<PodContainer> Containers { get; }

    /// <summary>The pod's files in /etc, and its volumes.</summary>
    private string FilesDirectory => Path.Combine(_context.Options.RunDirectory, "files", Pod.Metadata.Uid!);

    /// <summary>What containers run in; null before the network is there.</summary>
    public PodSetting? Setting { get; private set; }

    /// <summary>Takes a newer version of the pod: its deletion matters, and what volumes show of it.</summary>
    public void Update(PodObject pod)
    {
        Latest = pod;
        _volumes.Update(pod);
        if (!pod.IsDeleting) return;
        var grace = PodGrace.Of(pod.Metadata.DeletionGracePeriodSeconds ?? pod.Spec?.TerminationGracePeriodSeconds);
        lock (_gate)
        {
            var shortened = grace < _grace;
            _grace = grace;
            if (_ending && shortened && !_disposed) _kill.CancelAfter(grace);
        }
        End(atOnce: grace == TimeSpan.Zero);
    }

    /// <summary>The pod is no longer in the API: nobody waits for its graceful end.</summary>
    public void Gone()
    {
        _gone = true;
        End(atOnce: true);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _stop.Dispose();
            _kill.Dispose();
        }
    }

    /// <summary>Returns when nothing of the pod is left, on this machine and in the API. When the kubelet
    /// ends it ends the processes alone and throws <see cref="OperationCanceledException"/>: the pod is to
    /// come back.</summary>
    /// <param name="networkReady">The node's leftovers of earlier are gone.</param>
    public async Task RunAsync(Task networkReady)
    {
        using var shutdown = _context.Lifetime.Register(() => End(atOnce: true));
        using var statusEnd = CancellationTokenSource.CreateLinkedTokenSource(_context.Lifetime);
        var writing = _status.RunAsync(statusEnd.Token);
        if (!Pod.IsFinished)
        {
            _status.Changed();
            await RunContainersAsync(networkReady);
        }
        _context.Lifetime.ThrowIfCancellationRequested();
        await _sandboxes.DeleteAsync(_sandbox);
        await Until(_stop.Token);
        _context.Lifetime.ThrowIfCancellationRequested();
        await statusEnd.CancelAsync();
        await writing.ContinueWith(static _ => { }, TaskScheduler.Default);
        await ForgetAsync();
        await RemoveFromApiAsync();
    }

    /// <summary>After a run that failed by something unforeseen: ends what it left. The pod is then begun anew.</summary>
    public async Task AbandonAsync()
    {
        End(atOnce: true);
        await _sandboxes.DeleteAsync(_sandbox);
        await ForgetAsync();
    }

    private async Task RunContainersAsync(Task networkReady)
    {
        if (Pod.Spec?.HostNetwork != true) await Task.WhenAny(networkReady, Until(_stop.Token));
        if (PodFiles.HostNameFault(Pod, _node.Name, _context.Options.ClusterDomain) is { } fault)
        {
            _context.Tell(Pod, _node.Name, EventNote.Warning, "FailedCreatePodSandBox",
                $"Failed to create pod sandbox: {fault}");
            await Until(_stop.Token);
            return;
        }
        // What the API has must be known before it can be said that something is missing.
        await Task.WhenAny(_context.Sources.Synced, Until(_stop.Token));
        if (!await _volumes.SetUpAsync(_stop.Token)) return;
        _sandbox = await _sandboxes.CreateAsync(_stop.Token);
        if (_sandbox is null) return;
        using var stopAll = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var setting = Setting = Prepare(_sandbox);
        _status.Changed();
        WriteRecord();
        using var over = new CancellationTokenSource();
        var keeping = _volumes.KeepAsync(over.Token);
        List<Task> sidecars = [];
        var initialized = await RunInitsAsync(setting, sidecars, stopAll.Token);
        var running = initialized
            ? Task.WhenAll(Containers.Select(c => c.RunAsync(setting, _stop.Token, _kill.Token)))
            : Task.CompletedTask;
        await Task.WhenAny(running, Until(_stop.Token));
        // Sidecars end after the containers they serve.
        var everything = Task.Run(async () =>
        {
            await running;
            await stopAll.CancelAsync();
            await Task.WhenAll(sidecars);
        });
        if (_stop.IsCancellationRequested && !everything.IsCompleted)
            _context.Tell(Pod, _node.Name, EventNote.Normal, "Killing", "Stopping containers");
        KillAfterGrace();
        await everything;
        await over.CancelAsync();
        await keeping;
    }

    /// <summary>In order, each to its end, sidecars to their start. False when one failed for good or the pod
    /// is to end.</summary>
    private async Task<bool> RunInitsAsync(PodSetting setting, List<Task> sidecars, CancellationToken stop)
    {
        foreach (var (init, spec) in Inits.Zip(Pod.Spec?.InitContainers ?? []))
        {
            var run = init.RunAsync(setting, stop, _kill.Token);
            if (spec.RestartPolicy == "Always") sidecars.Add(run);
            else await run;
            if (stop.IsCancellationRequested) return false;
            if (spec.RestartPolicy != "Always" && !init.Seen.Succeeded) return false;
        }
        return true;
    }

    private PodSetting Prepare(PodSandbox sandbox)
    {
        var options = _context.Options;
        var hostName = PodFiles.HostName(Pod, _node.Name, options.ClusterDomain);
        var files = FilesDirectory;
        Directory.CreateDirectory(files);
        File.WriteAllText(
            Path.Combine(files, "hosts"),
            PodFiles.Hosts(Pod, _node.Name, sandbox.Addresses, options.ClusterDomain));
        File.WriteAllText(Path.Combine(files, "hostname"), hostName + "\n");
        var resolving = PodFiles.ResolvConf(Pod, options.NodeDns());
        File.WriteAllText(Path.Combine(files, "resolv.conf"), resolving.Conf.ToString());
        foreach (var warning in resolving.Warnings)
            _context.Tell(Pod, _node.Name, EventNote.Warning, warning.Reason, warning.Message);
        var facts = new PodFacts(Pod, _node.Name, sandbox.Addresses, _hostAddresses);
        return new(Pod, _node, sandbox, facts, hostName, files, PodPaths.Logs(options, Pod), _volumes,
            _context.Sources);
    }

    private PodObservation Observe() => new(
        _sandbox is not null, _started, _sandbox?.Addresses ?? [], _hostAddresses,
        [.. Inits.Select(c => c.Seen)], [.. Containers.Select(c => c.Seen)]);

    private PodContainer Container(
        ContainerSpec spec, string policy, IReadOnlyList<ContainerStatusObject>? before, ContainerState state)
    {
        // A pod that ran before this kubelet did is made again, which counts as a restart.
        var old = before?.FirstOrDefault(s => s.Name == spec.Name);
        var ran = old?.State is { ValueKind: System.Text.Json.JsonValueKind.Object } s
            && (s.TryGetProperty("running", out _) || s.TryGetProperty("terminated", out _));
        return new(_context, spec, policy, (old?.RestartCount ?? 0) + (ran ? 1 : 0), state, () =>
        {
            WriteRecord();
            _status.Changed();
        });
    }

    private void WriteRecord()
    {
        if (Setting is not { } setting) return;
        // What is written last is what is there, and a pod of the same name has the record once this one is gone.
        lock (Records)
        {
            if (_gone) return;
            new PodRecord(
                Pod.Metadata.Namespace!, Pod.Metadata.Name, Pod.Metadata.Uid!, _node.Name,
                setting.Sandbox.NamespacePath, setting.Sandbox.Id,
                [
                    .. Containers.Concat(Inits).Where(c => c.Process is not null).Select(c =>
                        new PodRecordContainer(
                        c.Name, c.Seen.Id ?? "", c.Seen.State is ContainerState.Running ? c.Process!.Pid : 0)),
                ]).Write(_context.Options.RunDirectory);
        }
    }

    /// <summary>Removes the pod's files, until it succeeds: a process of its own may still write a log.</summary>
    private async Task ForgetAsync()
    {
        while (true)
        {
            try
            {
                Forget();
                return;
            }
            catch (IOException e)
            {
                _context.Problem($"{Pod.Key}: removing its files: {e.Message}");
            }
            await Task.Delay(RetryPause, _context.Time, _context.Lifetime);
        }
    }

    private void Forget()
    {
        var options = _context.Options;
        lock (Records)
            if (PodRecord.Read(options.RunDirectory, Pod.Metadata.Namespace!, Pod.Metadata.Name)?.Uid == Pod.Metadata.Uid)
                File.Delete(PodRecord.PathOf(options.RunDirectory, Pod.Metadata.Namespace!, Pod.Metadata.Name));
        foreach (var directory in (string[])[
            FilesDirectory, PodPaths.Logs(options, Pod)])
            if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    private async Task RemoveFromApiAsync()
    {
        while (!_gone)
        {
            try
            {
                await _context.Options.Client.Delete(
                    KubeletContext.PodType, Pod.Metadata.Name, Pod.Metadata.Namespace,
                    new(Pod.Metadata.Uid, GracePeriodSeconds: 0), _context.Lifetime);
                return;
            }
            catch (KubeException e) when (e.IsNotFound || e.IsConflict)
            {
                return;
            }
            catch (KubeException e)
            {
                _context.Problem($"{Pod.Key}: deletion: {e.Message}");
                await Task.Delay(RetryPause, _context.Time, _context.Lifetime);
            }
        }
    }

    /// <summary>From now on, or sooner when the deletion grants less.</summary>
    private void KillAfterGrace()
    {
        lock (_gate)
        {
            _ending = true;
            if (!_disposed) _kill.CancelAfter(_grace);
        }
    }

    private void End(bool atOnce)
    {
        lock (_gate)
        {
            if (_disposed) return;
            _stop.Cancel();
            if (atOnce) _kill.Cancel();
        }
    }

    private static Task Until(CancellationToken token)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(reached.SetResult);
        return reached.Task;
    }
}
