using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>Pods as kubectl's users know them.</summary>
internal static class PodTable
{
    private const string None = "<none>";

    public static readonly TableDefinition Definition = new(
        [
            Column.NameColumn, new("Ready"), new("Status"), new("Restarts"), Column.Age, Column.Wide("IP"),
            Column.Wide("Node"), Column.Wide("Nominated Node"), Column.Wide("Readiness Gates"),
        ],
        Cells);

    private static IEnumerable<JsonNode?> Cells(JsonObject pod, DateTimeOffset now)
    {
        var containers = pod.Items("spec", "containers").Count();
        var statuses = pod.Items("status", "containerStatuses").ToList();
        var sidecars = Sidecars(pod).ToList();
        var ready = statuses.Concat(sidecars).Count(s => s.Flag("ready")
            && s.At("state", "running") is not null);
        return
        [
            pod.Text("metadata", "name"), $"{ready}/{containers + sidecars.Count}", PodStatusText.Of(pod),
            Restarts(pod, now), HumanDuration.Age(pod, now), pod.Text("status", "podIP") ?? None,
            pod.Text("spec", "nodeName") ?? None, pod.Text("status", "nominatedNodeName") ?? None, Gates(pod),
        ];
    }

    /// <summary>Init containers that run beside the others.</summary>
    private static IEnumerable<JsonNode?> Sidecars(JsonObject pod)
    {
        var names = pod.Items("spec", "initContainers").Where(c => c.Text("restartPolicy") == "Always")
            .Select(c => c.Text("name")).ToHashSet();
        return pod.Items("status", "initContainerStatuses").Where(s => names.Contains(s.Text("name")));
    }

    private static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var statuses = pod.Items("status", "containerStatuses").Concat(Sidecars(pod)).ToList();
        var count = statuses.Sum(s => s.Number("restartCount") ?? 0);
        var last = statuses.Select(s => s.Text("lastState", "terminated",
            "finishedAt")).OfType<string>().Max();
        return count == 0 || last is null
            ? count.ToString(CultureInfo.InvariantCulture)
                : $"{count} ({HumanDuration.Since(last, now)} ago)";
    }

    private static string Gates(JsonObject pod)
    {
        var gates = pod.Items("spec", "readinessGates").Select(g => g.Text("conditionType")).ToList();
        if (gates.Count == 0) return None;
        var met = gates.Count(g => pod.Items("status", "conditions")
            .Any(c => c.Text("type") == g && c.Text("status") == "True"));
        return $"{met}/{gates.Count}";
    }
}
