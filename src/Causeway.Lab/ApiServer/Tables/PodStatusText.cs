using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Tables;

/// <summary>
/// One word for how a pod is: its phase or reason, unless an init container holds it up, a container says
/// more, or it is on its way out. In that order, later ones win.
/// </summary>
public static class PodStatusText
{
    public static string Of(JsonObject pod)
    {
        var text = pod.Text("status", "reason") ?? pod.Text("status", "phase") ?? "Unknown";
        if (pod.Items("status", "conditions").Any(c => c.Text("type") == "PodScheduled"
            && c.Text("reason") == "SchedulingGated"))
            text = "SchedulingGated";
        var init = Initializing(pod);
        text = init ?? Running(pod, text);
        if (pod.Text("metadata", "deletionTimestamp") is null) return text;
        if (pod.Text("status", "reason") == "NodeLost") return "Unknown";
        return pod.Text("status", "phase") is "Succeeded" or "Failed" ? text : "Terminating";
    }

    /// <summary>Null once all init containers are done.</summary>
    private static string? Initializing(JsonObject pod)
    {
        var specs = pod.Items("spec", "initContainers").ToList();
        var index = 0;
        foreach (var status in pod.Items("status", "initContainerStatuses"))
        {
            var sidecar = specs.Any(s => s.Text("name") == status.Text("name")
                && s.Text("restartPolicy") == "Always");
            if (sidecar && status.Flag("started"))
            {
                index++;
                continue;
            }
            if (status.Object("state", "terminated") is { } ended)
            {
                if (ended.Number("exitCode") == 0)
                {
                    index++;
                    continue;
                }
                return "Init:" + Ending(ended);
            }
            var reason = status.Text("state", "waiting", "reason");
            return reason is { Length: > 0 } and not "PodInitializing" ? "Init:" + reason
                : $"Init:{index}/{specs.Count}";
        }
        return null;
    }

    private static string Running(JsonObject pod, string text)
    {
        var running = false;
        foreach (var status in pod.Items("status", "containerStatuses").Reverse())
        {
            if (status.Text("state", "waiting", "reason") is { Length: > 0 } waiting) text = waiting;
            else if (status.Object("state", "terminated") is { } ended) text = Ending(ended);
            else if (status.Flag("ready") && status.At("state", "running") is not null) running = true;
        }
        if (text != "Completed" || !running) return text;
        var isReady = pod.Items("status", "conditions").Any(
            c => c.Text("type") == "Ready" && c.Text("status") == "True");
        return isReady ? "Running" : "NotReady";
    }

    private static string Ending(JsonObject ended)
    {
        if (ended.Text("reason") is { Length: > 0 } reason) return reason;
        return ended.Number("signal") is { } signal and not 0
            ? $"Signal:{signal}" : $"ExitCode:{ended.Number("exitCode") ?? 0}";
    }
}
