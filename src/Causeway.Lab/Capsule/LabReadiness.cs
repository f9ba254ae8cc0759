using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Capsule;

/// <summary>What is missing before a lab is Ready.</summary>
/// <param name="Waiting">Nodes that are not Ready, and why as far as they say; in order.</param>
public sealed record LabReadiness(int Ready, int Nodes, IReadOnlyList<(string Node, string Why)> Waiting)
{
    public bool IsComplete => Ready == Nodes;
}

/// <summary>Waits until every node of a lab is Ready.</summary>
/// <param name="since">Of a lab that has just begun, when: what its store says from an earlier run is past. Null takes
/// every word.</param>
public sealed class ReadinessWait(KubeClient client, LabConfig config, DateTimeOffset? since, TimeProvider time)
{
    // In whole seconds, as the API's times are.
    private readonly long _since = since?.ToUnixTimeSeconds() ?? 0;

    /// <summary>A look lists all nodes: the more there are, the less often.</summary>
    private readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50 + 5 * config.Nodes);

    private static readonly KubeType<NodeObject> NodeType =
        KubeTypes.Of(ApiResources.Nodes, ObjectJson.Default.NodeObject);

    /// <summary>The last state seen, complete or not, when the patience is over.</summary>
    public async Task<LabReadiness> RunAsync(TimeSpan patience, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var state = await LookAsync(cancel);
            if (state.IsComplete || time.GetElapsedTime(began) >= patience) return state;
            await Task.Delay(_pause, time, cancel);
        }
    }

    private async Task<LabReadiness> LookAsync(CancellationToken cancel)
    {
        var there = (await client.List(NodeType, cancel: cancel)).Items
            .ToDictionary(node => node.Metadata.Name, StringComparer.Ordinal);
        List<(string, string)> waiting = [];
        foreach (var name in config.NodeNames())
        {
            if (!there.TryGetValue(name, out var node)) waiting.Add((name, "has no Node object yet"));
            else if (!node.IsReady) waiting.Add((name, Why(node)));
            else if (!IsOfNow(node)) waiting.Add((name, "has not said anything since the lab came up"));
        }
        return new(config.Nodes - waiting.Count, config.Nodes, waiting);
    }

    private bool IsOfNow(NodeObject node) =>
        ReadyOf(node)?.LastTransitionTime is not { } told || told.ToUnixTimeSeconds() >= _since;

    private static ObjectCondition? ReadyOf(NodeObject node) =>
        node.Status?.Conditions?.FirstOrDefault(c => c.Type == "Ready");

    private static string Why(NodeObject node) =>
        ReadyOf(node)?.Message is { Length: > 0 } message
            ? message
            : "is not Ready";
}
