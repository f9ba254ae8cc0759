using System.Collections.Concurrent;
using Causeway.Lab.Capsule;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Nodes;

/// <summary>
/// Keeps one agent process running in each node's network namespace. One that is stopped (SIGSTOP) stays
/// stopped; one that ends is started again after a back-off.
/// </summary>
/// <param name="cni">Configured on a node once its agent is ready for pods.</param>
public sealed class AgentSupervisor(
    LabDirectory lab, CniInstallation cni, ServiceProxy proxy, TimeProvider time, TextWriter log)
{
    private static readonly TimeSpan LongestBeginning = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, AgentRecord> _records = new();
    private readonly Lock _writing = new();

    /// <summary>Runs until cancelled; what it started dies with the capsule.</summary>
    public async Task RunAsync(IEnumerable<string> nodes, CancellationToken cancellation)
    {
        // A hundred that begin at once would only keep each other, and the API, from getting on.
        using var room = new SemaphoreSlim(4 * Environment.ProcessorCount);
        await Task.WhenAll(nodes.Select(node => Task.Run(() => KeepAsync(node, room, cancellation), cancellation)));
    }

    private async Task KeepAsync(string node, SemaphoreSlim room, CancellationToken cancellation)
    {
        var backOff = new BackOff();
        for (var restarts = 0; ; restarts++)
        {
            await room.WaitAsync(cancellation);
            var started = time.GetTimestamp();
            var last = _records.GetValueOrDefault(node)?.LastExit;
            var agent = Start(node);
            Record(node, new(agent.Pid, restarts, last));
            var ready = ConfigureWhenReadyAsync(new NodePaths(node), agent, cancellation);
            await Task.WhenAny(ready, Task.Delay(LongestBeginning, time, cancellation));
            room.Release();
            var code = await agent.Exited.WaitAsync(cancellation);
            await ready;
            var ran = time.GetElapsedTime(started);
            var wait = backOff.After(ran);
            Record(node, new(0, restarts, code));
            await log.WriteLineAsync(
                $"agent of {node}: ended with {code} after {ran.TotalSeconds:0.0} s;"
                + $" again in {wait.TotalSeconds:0.0} s");
            await Task.Delay(wait, time, cancellation);
        }
    }

    private async Task ConfigureWhenReadyAsync(NodePaths node, ChildProcess agent, CancellationToken cancellation)
    {
        while (!agent.Exited.IsCompleted)
        {
            if (await AgentStatus.IsReadyAsync(node.AgentSocket, cancellation))
            {
                cni.Configure(node);
                return;
            }
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private ChildProcess Start(string node)
    {
        var paths = new NodePaths(node);
        return OwnProcess.Start(
            paths.NetworkNamespacePath, lab.AgentLog(node), "agent", "--kubeconfig", lab.NodeKubeconfig, "--node", node,
            "--run-dir", paths.RunDirectory, "--proxy", proxy.ToString().ToLowerInvariant());
    }

    private void Record(string node, AgentRecord record)
    {
        _records[node] = record;
        lock (_writing) lab.Write(new SortedDictionary<string, AgentRecord>(_records, StringComparer.Ordinal));
    }
}
