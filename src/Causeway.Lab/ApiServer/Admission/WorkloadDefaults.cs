using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Of the kinds that make pods from a template.</summary>
internal static class WorkloadDefaults
{
    private const int RevisionHistory = 10;
    private const int ProgressDeadline = 600;

    public static void Apply(ResourceType type, JsonObject value)
    {
        if (type.Group != "apps" || value["spec"] is not JsonObject spec
            || type.Plural == "controllerrevisions")
            return;
        if (spec.Object("template", "spec") is { } pod) PodDefaults.ApplySpec(pod);
        switch (type.Plural)
        {
            case "deployments":
                spec.Default("replicas", 1);
                spec.Default("revisionHistoryLimit", RevisionHistory);
                spec.Default("progressDeadlineSeconds", ProgressDeadline);
                Rolling(spec.Ensure("strategy"), "25%", "25%");
                break;
            case "replicasets":
                spec.Default("replicas", 1);
                break;
            case "daemonsets":
                spec.Default("revisionHistoryLimit", RevisionHistory);
                Rolling(spec.Ensure("updateStrategy"), 0, 1);
                break;
            case "statefulsets":
                spec.Default("replicas", 1);
                spec.Default("revisionHistoryLimit", RevisionHistory);
                spec.Default("podManagementPolicy", "OrderedReady");
                var strategy = spec.Ensure("updateStrategy");
                strategy.Default("type", "RollingUpdate");
                if (strategy.Text("type") == "RollingUpdate") strategy.Ensure("rollingUpdate").Default("partition", 0);
                break;
        }
    }

    private static void Rolling(JsonObject strategy, JsonNode surge, JsonNode unavailable)
    {
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate") return;
        var rolling = strategy.Ensure("rollingUpdate");
        rolling.Default("maxSurge", surge);
        rolling.Default("maxUnavailable", unavailable);
    }
}
