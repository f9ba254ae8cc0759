using System.Security.Cryptography;
using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Probes;
using Causeway.Lab.Objects;
using Causeway.Lab.Workloads;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>One container of a pod: its process, started again as the restart policy says.</summary>
internal sealed class PodContainer
{
    private static readonly TimeSpan ConfigurationPause = TimeSpan.FromSeconds(1);

    private readonly KubeletContext _context;
    private readonly ContainerSpec _spec;
    private readonly string _restartPolicy;
    private readonly Action _changed;
    private readonly RestartBackoff _backoff = new();
    private ContainerObservation _seen;

    /// <param name="restartPolicy"><c>Always</c>, <c>OnFailure</c> or <c>Never</c>.</param>
    /// <param name="restarts">Earlier instances of this container in this pod.</param>
    /// <param name="changed">Told after <see cref="Seen"/> changed; any thread.</param>
    public PodContainer(
        KubeletContext context, ContainerSpec spec, string restartPolicy, int restarts, ContainerState state,
        Action changed)
    {
        (_context, _spec, _restartPolicy, _changed) = (context, spec, restartPolicy, changed);
        _seen = new(spec.Name, spec.Image ?? "", state, RestartCount: restarts);
    }

    public ContainerSpec Spec => _spec;

    public string Name => _spec.Name;

    public ContainerObservation Seen => Volatile.Read(ref _seen);

    /// <summary>The main process; null before the first start. It may have ended.</summary>
    public ChildProcess? Process { get; private set; }

    public ContainerLog? Log { get; private set; }

    public ContainerLog? PreviousLog { get; private set; }

    /// <summary>
    /// Runs it until it has ended for good, or is stopped. Never throws for what the container does.
    /// </summary>
    /// <param name="stop">Asks the process to end (SIGTERM to its group) and starts no other.</param>
    /// <param name="kill">Ends it.</param>
    public async Task RunAsync(PodSetting setting, CancellationToken stop, CancellationToken kill)
    {
        var workload = ImageTable.Resolve(
            _spec.Image, _spec.Command ?? [], _spec.Args ?? [], _context.Options.Program);
        if (workload.Error is { } error)
        {
            Tell(setting, EventNote.Warning, "Failed",
                $"Failed to pull image \"{_spec.Image}\": ErrImagePull: {error}");
            See(Seen with
            {
                State = new ContainerState.Waiting("ImagePullBackOff",
                    $"Back-off pulling image \"{_spec.Image}\": {error}"),
            });
            await Until(stop);
            return;
        }
        while (await VariablesAsync(setting, stop) is { } environment)
        {
            var ended = await RunOnceAsync(setting, workload, environment, stop, kill);
            var again = _restartPolicy == "Always" || _restartPolicy == "OnFailure" && ended.ExitCode != 0;
            if (stop.IsCancellationRequested || !again)
            {
                See(Seen with { State = ended, Ready = false, Over = !again });
                return;
            }
            await PauseAsync(setting, ended, stop);
        }
    }

    /// <summary>Waits until every object is there that its environment is made of; null when it is to end
    /// before.</summary>
    private async Task<IReadOnlyDictionary<string, string>?> VariablesAsync(
        PodSetting setting, CancellationToken stop)
    {
        string? told = null;
        while (!stop.IsCancellationRequested)
        {
            var variables = ContainerStart.EnvironmentOf(_spec, setting);
            if (variables.Fault is not { } fault) return variables.Values;
            if (fault != told)
            {
                See(Seen with { State = new ContainerState.Waiting("CreateContainerConfigError", fault) });
                Tell(setting, EventNote.Warning, "Failed", $"Error: {told = fault}");
            }
            await Task.WhenAny(Task.Delay(ConfigurationPause, _context.Time, stop), Until(stop));
        }
        return null;
    }

    private async Task<ContainerState.Terminated> RunOnceAsync(
        PodSetting setting, ResolvedWorkload workload, IReadOnlyDictionary<string, string> environment,
        CancellationToken stop, CancellationToken kill)
    {
        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var started = _context.Time.GetUtcNow();
        ChildProcess process;
        TaskCompletionSource serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!workload.GivesNotice) serving.SetResult();
        try
        {
            process = await Task.Run(() => Start(setting, workload, environment, serving), CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(setting, EventNote.Warning, "Failed",
                $"Error: failed to start container \"{Name}\": {e.Message}");
            See(Seen with { Id = id });
            return new(128, "StartError", started, _context.Time.GetUtcNow(), e.Message);
        }
        Process = process;
        var begun = _spec.StartupProbe is null;
        See(Seen with
        {
            Id = id, State = new ContainerState.Running(started), Started = begun,
            Ready = begun && _spec.ReadinessProbe is null && !workload.GivesNotice,
        });
        Tell(setting, EventNote.Normal, "Started", $"Started container {Name}");
        var runner = new ProbeRunner(_spec, setting, process);
        var end = new ContainerEnd(_context, _spec, setting, process, runner);
        using var onStop = stop.Register(() => _ = end.AskAsync(kill));
        using var onKill = kill.Register(() => process.KillGroup(Signal.Kill));
        using var over = new CancellationTokenSource();
        var probes = new ContainerProbes(_context, setting, _spec, runner, started)
        {
            Changed = (isStarted, ready) => SeeHealth(process, isStarted, ready),
            Failed = (kind, probe) => _ = end.EnforceAsync(kind, probe.TerminationGracePeriodSeconds),
        };
        var probing = probes.RunAsync(serving.Task, stop, over.Token);
        var code = await process.Exited;
        await over.CancelAsync();
        await probing;
        // What it started and left behind dies with it, as it would in a container.
        process.KillGroup(Signal.Kill);
        return new(code, code == 0 ? "Completed" : "Error", started, _context.Time.GetUtcNow());
    }

    private ChildProcess Start(
        PodSetting setting, ResolvedWorkload workload, IReadOnlyDictionary<string, string> environment,
        TaskCompletionSource serving)
    {
        var path = Path.Combine(setting.LogDirectory, Name, $"{Seen.RestartCount}.log");
        PreviousLog = Log;
        Log = new(path, _context.Time);
        using var pipe = _context.Output.Open(Log.Take);
        // One that ends without a word never served.
        using var notice = !workload.GivesNotice ? null : _context.Output.Open(bytes =>
        {
            if (bytes.Length > 0) serving.TrySetResult();
        });
        return ContainerStart.Start(
            _spec, workload, setting, environment, _context.Mounts, ChildStream.Descriptor(pipe), notice);
    }

    private void SeeHealth(ChildProcess process, bool started, bool ready)
    {
        if ((started, ready) == (Seen.Started, Seen.Ready)) return;
        if (!process.Exited.IsCompleted) See(Seen with { Started = started, Ready = ready });
    }

    private async Task PauseAsync(PodSetting setting, ContainerState.Terminated ended, CancellationToken stop)
    {
        var pause = _backoff.Next(ended.FinishedAt - ended.StartedAt);
        if (pause > TimeSpan.Zero)
        {
            var message = $"back-off {pause.TotalSeconds:0}s restarting failed container={Name} pod={setting.Pod.Key}";
            See(Seen with
            {
                State = new ContainerState.Waiting("CrashLoopBackOff", message),
                LastState = ended,
                Ready = false,
            });
            Tell(setting, EventNote.Warning, "BackOff", $"Back-off restarting failed container {Name}");
            await Task.WhenAny(Task.Delay(pause, _context.Time, stop), Until(stop));
        }
        // An instance that was stopped while it waited keeps its last words.
        if (stop.IsCancellationRequested) See(Seen with { State = ended, LastState = null, Ready = false });
        else See(Seen with { LastState = ended, RestartCount = Seen.RestartCount + 1, Ready = false },
            quiet: true);
    }

    private static Task Until(CancellationToken token)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(reached.SetResult);
        return reached.Task;
    }

    private void See(ContainerObservation seen, bool quiet = false)
    {
        Volatile.Write(ref _seen, seen);
        if (!quiet) _changed();
    }

    private void Tell(PodSetting setting, string type, string reason, string message) =>
        _context.Tell(setting.Pod, setting.Node.Name, type, reason, message);
}
