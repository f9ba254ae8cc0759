using Causeway.Lab.ApiServer.Streams;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Streams;
using Causeway.Lab.Objects;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>
/// Other processes in a running container. From inside this process: <see cref="ExecAsync"/>. From another
/// process of the capsule: <see cref="PodRecord"/> tells whom to enter.
/// </summary>
internal static class PodProcesses
{
    private const int CannotExecute = 126;

    /// <summary>Runs a command beside a container's main process. There is no terminal: a shell that is asked
    /// for one works, without job control.</summary>
    public static async Task<ExecOutcome> ExecAsync(
        ContainerSpec spec, PodSetting setting, ChildProcess main, PodExecRequest request, PodStreams streams,
        CancellationToken cancel)
    {
        using var pump = new OutputPump();
        var output = new StreamCopy(streams.Stdout);
        var error = request.Tty || streams.Stderr is null ? output : new StreamCopy(streams.Stderr);
        ChildProcess child;
        InputPipe? input = null;
        try
        {
            input = streams.Stdin is null ? null : new InputPipe();
            using var outputPipe = pump.Open(output.Take);
            using var errorPipe = ReferenceEquals(error, output) ? null : pump.Open(error.Take);
            child = Start(spec, setting, main, request.Command, new ProcessStart(request.Command)
            {
                Input = input?.ChildEnd ?? ChildStream.Null,
                Output = ChildStream.Descriptor(outputPipe),
                Error = ChildStream.Descriptor(errorPipe ?? outputPipe),
                NewSession = true,
            });
        }
        catch (IOException e)
        {
            input?.Dispose();
            return new(CannotExecute, new(e.Message));
        }
        input?.CloseChildEnd();
        using var onCancel = cancel.Register(() => child.KillGroup(Signal.Kill));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var feeding = input?.FeedAsync(streams.Stdin!, ended.Token) ?? Task.CompletedTask;
        var copies = Task.WhenAll(
            output.CopyAsync(cancel), ReferenceEquals(error, output) ? Task.CompletedTask
                : error.CopyAsync(cancel));
        var code = await child.Exited;
        await copies;
        await ended.CancelAsync();
        input?.Dispose();
        await feeding.ContinueWith(static _ => { }, TaskScheduler.Default);
        return new(code);
    }

    private static ChildProcess Start(
        ContainerSpec spec, PodSetting setting, ChildProcess main, IReadOnlyList<string> command,
        ProcessStart start)
    {
        if (command.Count == 0) throw new IOException("no command to run");
        start = start with
        {
            Environment = ContainerStart.EnvironmentOf(spec, setting).Values,
            WorkingDirectory = string.IsNullOrEmpty(spec.WorkingDir) ? "/" : spec.WorkingDir,
        };
        using var network = NetworkNamespace.Open(setting.Sandbox.NamespacePath);
        using var mounts = MountNamespace.Open($"/proc/{main.Pid}/ns/mnt");
        return NamespaceThread.Run(() =>
        {
            NetworkNamespace.Enter(network, setting.Sandbox.NamespacePath);
            HostNameNamespace.Unshare(setting.HostName);
            MountNamespace.Enter(mounts, $"of process {main.Pid}");
            return ProcessSpawner.Spawn(start);
        });
    }
}
