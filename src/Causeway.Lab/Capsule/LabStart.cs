using System.Net;
using System.Net.Sockets;
using Causeway.Core;
using Causeway.Lab.Fabric;

namespace Causeway.Lab.Capsule;

/// <summary>How a start ended.</summary>
public enum LabStartResult
{
    /// <summary>The capsule runs and its parts are started.</summary>
    Started,

    /// <summary>It ran before.</summary>
    AlreadyUp,

    /// <summary>The init gave up; what it said was passed on.</summary>
    Failed,
}

/// <summary>Brings a lab's capsule up, new or again.</summary>
public sealed class LabStart(LabDirectory lab, TimeProvider time, Action<string> onStep)
{
    private const int LogTail = 15;

    /// <summary>Returns when the init says that it has started everything, or has ended.</summary>
    /// <param name="port">On the host's loopback; null takes the one from last time, or any free one.</param>
    public async Task<LabStartResult> RunAsync(LabRequest request, int? port, CancellationToken cancellation)
    {
        var existing = lab.ReadConfig();
        var config = existing is null ? request.ToConfig() : request.Keep(existing, lab.Name);
        lab.Create();
        using var claim = LabShutdown.Claim(lab);
        if (lab.RunningInit() is not null) return LabStartResult.AlreadyUp;
        if (existing is not null) onStep("the lab exists: its objects are kept, its pods are made again");
        lab.Write(config);
        using var socket = Listen(port);
        var layout = new FabricLayout(config);
        LabCredentials.Ensure(lab, layout, ServiceNetwork.ClusterRanges(config), time.GetUtcNow())
            .WriteKubeconfigs(lab, layout, ((IPEndPoint)socket.LocalEndPoint!).Port);
        File.Delete(lab.InitLog);
        using var capsule = CapsuleLauncher.Launch(lab, socket);
        return await FollowAsync(capsule, cancellation);
    }

    // A kubeconfig that somebody loaded stays good across a stop, if the port is still free.
    private Socket Listen(int? port)
    {
        if (port is { } asked) return CapsuleLauncher.Listen(asked);
        if (LastPort() is { } last)
        {
            try
            {
                return CapsuleLauncher.Listen(last);
            }
            catch (InputException)
            {
                onStep($"port {last} of last time is taken; another is used, so load the kubeconfig again");
            }
        }
        return CapsuleLauncher.Listen(0);
    }

    private int? LastPort() => LabCredentials.PortOf(lab);

    private async Task<LabStartResult> FollowAsync(LaunchedCapsule capsule, CancellationToken cancellation)
    {
        var entered = false;
        try
        {
            while (await capsule.Steps.ReadLineAsync(cancellation) is { } line)
            {
                if (line == InitProgress.Started) return LabStartResult.Started;
                entered = true;
                onStep(line);
            }
        }
        catch (OperationCanceledException)
        {
            // Interrupted half-way: what was begun is taken back.
            LabShutdown.Stop(lab);
            throw;
        }
        await capsule.Unshare.Exited.WaitAsync(cancellation);
        Explain(entered);
        return LabStartResult.Failed;
    }

    private void Explain(bool entered)
    {
        if (!entered && !Environment.IsPrivilegedProcess && CapsuleRefusal.Explain() is { } refusal) onStep(refusal);
        if (!File.Exists(lab.InitLog)) return;
        foreach (var line in File.ReadLines(lab.InitLog).TakeLast(LogTail)) onStep("  " + line);
        onStep($"(from {lab.InitLog})");
    }
}
