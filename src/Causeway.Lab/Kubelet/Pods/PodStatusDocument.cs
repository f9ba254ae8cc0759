using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>A pod's status as the API shows it, from what the kubelet observed.</summary>
public static class PodStatusDocument
{
    /// <param name="before">The conditions told last: one that did not change keeps its transition
    /// time.</param>
    public static JsonObject Build(
        PodObservation seen, IReadOnlyList<ObjectCondition> before, DateTimeOffset now)
    {
        var phase = Phase(seen);
        var status = new JsonObject
        {
            ["phase"] = phase,
            ["startTime"] = Time(seen.StartTime),
            ["hostIP"] = seen.HostIPs.IsEmpty ? null : (JsonNode)seen.HostIPs[0],
            ["hostIPs"] = Addresses(seen.HostIPs),
            ["conditions"] = new JsonArray([.. Conditions(seen, phase, before, now).Select(Condition)]),
            ["containerStatuses"] = new JsonArray([.. seen.Containers.Select(c => (JsonNode)Container(c))]),
        };
        if (!seen.Inits.IsEmpty)
            status["initContainerStatuses"] = new JsonArray([.. seen.Inits.Select(c =>
                (JsonNode)Container(c))]);
        if (!seen.PodIPs.IsEmpty)
        {
            status["podIP"] = seen.PodIPs[0];
            status["podIPs"] = Addresses(seen.PodIPs);
        }
        return status;
    }

    public static string Phase(PodObservation seen)
    {
        if (seen.Inits.Any(c => c.Over && !c.Succeeded)) return PodPhase.Failed;
        if (seen.Containers.Length > 0 && seen.Containers.All(c => c.Over))
            return seen.Containers.All(c => c.Succeeded)
                ? PodPhase.Succeeded
                : PodPhase.Failed;
        var started = seen.Containers.Any(c => c.State is not ContainerState.Waiting
            || c.LastState is not null);
        return started ? PodPhase.Running : PodPhase.Pending;
    }

    public static IReadOnlyList<ObjectCondition> Conditions(
        PodObservation seen, string phase, IReadOnlyList<ObjectCondition> before, DateTimeOffset now)
    {
        var over = phase is PodPhase.Succeeded or PodPhase.Failed;
        var initialized = seen.Inits.All(c => c.Succeeded && c.Over || c.Ready)
            && (seen.Sandbox || seen.Inits.IsEmpty);
        var waiting = seen.Inits.Where(c => !c.Over && !c.Ready).Select(c => c.Name).ToList();
        var unready = seen.Containers.Where(c => !c.Ready).Select(c => c.Name).ToList();
        var ready = !over && unready.Count == 0 && initialized;
        var (reason, message) = ready ? (null, null)
            : over ? (phase == PodPhase.Succeeded ? "PodCompleted" : "PodFailed", null)
            : ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
        var complete = phase == PodPhase.Succeeded ? "PodCompleted" : null;
        return
        [
            Make("PodReadyToStartContainers", seen.Sandbox && !over, null, null),
            Make("Initialized", initialized, initialized ? complete : "ContainersNotInitialized",
                initialized ? null : $"containers with incomplete status: [{string.Join(' ', waiting)}]"),
            Make("Ready", ready, reason, message),
            Make("ContainersReady", ready, reason, message),
            Make("PodScheduled", true, null, null),
        ];

        ObjectCondition Make(string type, bool holds, string? why, string? text)
        {
            var status = holds ? "True" : "False";
            var old = before.FirstOrDefault(c => c.Type == type);
            return new()
            {
                Type = type,
                Status = status,
                Reason = why,
                Message = text,
                LastTransitionTime = old?.Status == status ? old.LastTransitionTime ?? now : now,
            };
        }
    }

    private static JsonObject Container(ContainerObservation seen)
    {
        var status = new JsonObject
        {
            ["name"] = seen.Name,
            ["image"] = seen.Image,
            ["imageID"] = seen.Id is null ? "" : "lab://" + seen.Image,
            ["ready"] = seen.Ready,
            ["started"] = seen.Started && seen.State is ContainerState.Running,
            ["restartCount"] = seen.RestartCount,
            ["state"] = State(seen.State, seen.Id),
            ["lastState"] = seen.LastState is { } last ? State(last, null) : new JsonObject(),
        };
        if (seen.Id is { } id) status["containerID"] = "lab://" + id;
        return status;
    }

    private static JsonObject State(ContainerState state, string? id)
    {
        switch (state)
        {
            case ContainerState.Running running:
                return new() { ["running"] = new JsonObject { ["startedAt"] = Time(running.StartedAt) } };
            case ContainerState.Terminated ended:
                var terminated = new JsonObject
                {
                    ["exitCode"] = ended.ExitCode,
                    ["reason"] = ended.Reason,
                    ["startedAt"] = Time(ended.StartedAt),
                    ["finishedAt"] = Time(ended.FinishedAt),
                };
                if (ended.Message is not null) terminated["message"] = ended.Message;
                if (id is not null) terminated["containerID"] = "lab://" + id;
                return new() { ["terminated"] = terminated };
            case ContainerState.Waiting waits:
                var waiting = new JsonObject { ["reason"] = waits.Reason };
                if (waits.Message is not null) waiting["message"] = waits.Message;
                return new() { ["waiting"] = waiting };
            default:
                throw new InvalidOperationException($"a container state is waiting, running or terminated, not {state}");
        }
    }

    private static JsonNode Condition(ObjectCondition condition)
    {
        var json = new JsonObject
        {
            ["type"] = condition.Type,
            ["status"] = condition.Status,
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = Time(condition.LastTransitionTime ?? default),
        };
        if (condition.Reason is not null) json["reason"] = condition.Reason;
        if (condition.Message is not null) json["message"] = condition.Message;
        return json;
    }

    private static JsonArray Addresses(ImmutableArray<string> addresses) =>
        new([.. addresses.Select(a => (JsonNode)new JsonObject { ["ip"] = a })]);

    /// <summary>The API's times have whole seconds.</summary>
    internal static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
