using Causeway.Kubernetes;
using Causeway.Watching;

namespace Causeway.Agent;

/// <summary>Feeds that count and log as the agent does.</summary>
internal static class AgentFeeds
{
    public static Feed Make(
        KubeClient client, string node, int kinds, AgentMetrics metrics, AgentLog log, TimeProvider time) => new(
        client, node, kinds,
        new(
            problem =>
            {
                metrics.WatchErrors.Add();
                log.ApiProblem(problem);
            },
            () => metrics.Relists.Add()),
        time);
}
