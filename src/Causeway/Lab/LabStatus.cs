using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Capsule;
using Causeway.Lab.Nodes;
using Causeway.Lab.Objects;

namespace Causeway.Lab;

/// <summary>What an agent's process does.</summary>
internal enum AgentState
{
    Running,

    /// <summary>By SIGSTOP.</summary>
    Stopped,

    /// <summary>Ended; it is started again after a back-off.</summary>
    Ended,
}

/// <param name="AgentPid">In the capsule.</param>
internal sealed record NodeStatus(
    string Name, bool Ready, IReadOnlyList<string> Addresses, int Pods, AgentState Agent, int AgentPid, int Restarts);

internal readonly record struct PodCounts(int Running, int Pending, int Other);

/// <summary>A lab as the host sees it.</summary>
/// <param name="ApiProblem">Null when the API server serves.</param>
internal sealed record LabStatus(
    LabDirectory Lab, ProcessIdentity? Init, string? ApiProblem, IReadOnlyList<NodeStatus> Nodes, PodCounts Pods)
{
    public bool IsGood => Init is not null && ApiProblem is null
        && Nodes.All(n => n is { Ready: true, Agent: AgentState.Running });

    public static LabStatus Stopped(LabDirectory lab) => new(lab, null, null, [], default);

    public static async Task<LabStatus> ReadAsync(LabDirectory lab, KubeClient client, CancellationToken cancel)
    {
        var init = lab.RunningInit();
        try
        {
            var nodes = await client.List(
                KubeTypes.Of(ApiResources.Nodes, ObjectJson.Default.NodeObject), cancel: cancel);
            var addressed = await client.List(KubeTypes.Nodes, cancel: cancel);
            var pods = await client.List(KubeTypes.Of(ApiResources.Pods, ObjectJson.Default.PodObject), cancel: cancel);
            var addresses = addressed.Items.ToDictionary(
                n => n.Metadata.Name, n => n.InternalAddresses().Select(a => a.ToString()).ToArray());
            var agents = lab.ReadAgents();
            return new(
                lab, init, null,
                [.. nodes.Items.OrderBy(n => n.Metadata.Name.Length).ThenBy(n => n.Metadata.Name, StringComparer.Ordinal)
                    .Select(node => Node(node, addresses.GetValueOrDefault(node.Metadata.Name, []), pods.Items, agents, init))],
                Count(pods.Items));
        }
        catch (KubeException e)
        {
            return new(lab, init, e.Message, [], default);
        }
    }

    private static NodeStatus Node(
        NodeObject node, string[] addresses, IReadOnlyList<PodObject> pods,
        IReadOnlyDictionary<string, AgentRecord> agents, ProcessIdentity? init)
    {
        var name = node.Metadata.Name;
        var agent = agents.GetValueOrDefault(name);
        return new(
            name, node.IsReady, addresses, pods.Count(p => p.Spec?.NodeName == name && p.IsActive),
            StateOf(agent, init), agent?.Pid ?? 0, agent?.Restarts ?? 0);
    }

    // The capsule's own /proc, seen from the host through the init's root directory.
    private static AgentState StateOf(AgentRecord? agent, ProcessIdentity? init)
    {
        if (agent is null or { Pid: 0 } || init is null) return AgentState.Ended;
        return ProcessStat.Read($"/proc/{init.Pid}/root/proc", agent.Pid) switch
        {
            null or { IsEnded: true } => AgentState.Ended,
            { IsStopped: true } => AgentState.Stopped,
            _ => AgentState.Running,
        };
    }

    private static PodCounts Count(IReadOnlyList<PodObject> pods)
    {
        var running = pods.Count(p => p.Phase == PodPhase.Running);
        var pending = pods.Count(p => p.Phase == PodPhase.Pending);
        return new(running, pending, pods.Count - running - pending);
    }
}
