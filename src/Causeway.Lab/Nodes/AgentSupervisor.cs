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
            string ended;
            try
            {
                ended = $"ended with {await RunOnceAsync(node, restarts, room, cancellation)}";
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
            {
                // No process to be had, or a full disk: that passes.
                ended = e.Message;
            }
            var ran = time.GetElapsedTime(started);
            var wait = backOff.After(ran);
            await log.WriteLineAsync(
                $"agent of {node}: {ended} after {ran.TotalSeconds:0.0} s; again in {wait.TotalSeconds:0.0} s");
            await Task.Delay(wait, time, cancellation);
        }
    }

    /// <summary>One agent from its start to its end, and how it ended.</summary>
    /// <param name="room">In which it has a place: given back once it has begun, or could not.</param>
    private async Task<int> RunOnceAsync(
        string node, int restarts, SemaphoreSlim room, CancellationToken cancellation)
    {
        ChildProcess agent;
        Task ready;
        try
        {
            agent = Start(node);
            Record(node, new(agent.Pid, restarts, _records.GetValueOrDefault(node)?.LastExit));
            ready = ConfigureWhenReadyAsync(new NodePaths(node), agent, cancellation);
            await Task.WhenAny(ready, Task.Delay(LongestBeginning, time, cancellation));
        }
        finally
        {
            room.Release();
        }
        var code = await agent.Exited.WaitAsync(cancellation);
        Record(node, new(0, restarts, code));
        await ready;
        return code;
    }

    private async Task ConfigureWhenReadyAsync(NodePaths node, ChildProcess agent, CancellationToken cancellation)
    {
        while (!agent.Exited.IsCompleted)
        {
            try
            {
                if (await AgentStatus.IsReadyAsync(node.AgentSocket, cancellation))
                {
                    cni.Configure(node);
                    return;
                }
            }
            catch (IOException)
            {
                // A full disk: the node is not Ready as long as it lasts.
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
        try
        {
            lock (_writing) lab.Write(new SortedDictionary<string, AgentRecord>(_records, StringComparer.Ordinal));
        }
        catch (IOException e)
        {
            // The agent runs all the same; the next record says all.
            log.WriteLine($"agent of {node}: its record: {e.Message}");
        }
    }
}
