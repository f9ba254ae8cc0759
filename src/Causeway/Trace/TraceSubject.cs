using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>One end of a trace: a host of the world and the addresses it is known by.</summary>
/// <param name="Host">Its name in the world; null for an address that nobody known has.</param>
/// <param name="Refusal">Why nothing can be sent to or from it; null when something can.</param>
internal sealed record TraceSubject(
    string? Host, IReadOnlyList<IpAddress> Addresses, string Title, string? Note = null, Cause? Refusal = null)
{
    /// <summary>A service's <c>namespace/name</c>.</summary>
    public string? Service { get; init; }
}

/// <summary>Finds out whom a name or an address means.</summary>
/// <param name="cluster">Empty when the API is away.</param>
/// <param name="pods">Where pods are plugged in, as far as it is known.</param>
/// <param name="others">Hosts that are neither nodes nor pods, with their addresses.</param>
internal sealed class SubjectFinder(
    ClusterSnapshot cluster, IReadOnlyDictionary<string, PodAttachment> pods,
    IReadOnlyDictionary<string, IReadOnlyList<IpAddress>> others)
{
    /// <summary>Throws <see cref="InputException"/> when there is no such pod or node.</summary>
    public TraceSubject Find(TraceTarget target, string defaultNamespace)
    {
        if (target.Address is { } address) return ByAddress(address);
        var pod = $"{target.Namespace ?? defaultNamespace}/{target.Name}";
        if (cluster.Pods.TryGetValue(pod, out var item)) return OfPod(pod, item);
        if (pods.TryGetValue(pod, out var known)) return new(pod, known.Addresses, $"pod {pod}");
        if (ServiceSubject.Find(cluster, target, defaultNamespace) is { } service) return service;
        if (target.Namespace is null && others.TryGetValue(target.Name!, out var addresses))
            return new(target.Name, addresses, target.Name!);
        var names = cluster.Pods.Keys.Concat(pods.Keys).Concat(cluster.Services.Keys).Concat(others.Keys).Distinct().Order().ToList();
        var list = names.Count == 0 ? "there are none" : $"there are {string.Join(", ", names.Take(20))}";
        throw new InputException($"no pod and no service {pod}, and no node {target.Name}: {list}{(names.Count > 20 ? ", ..." : "")}");
    }

    /// <summary>Whether the target is a name that programs in pods look up: no address, no pod, no node.</summary>
    public bool IsLookedUp(TraceTarget target, string defaultNamespace)
    {
        if (target is not { Name: { } name, Namespace: null }) return false;
        var pod = $"{defaultNamespace}/{name}";
        if (cluster.Pods.ContainsKey(pod) || pods.ContainsKey(pod)) return false;
        return !others.ContainsKey(name) || ServiceSubject.Exists(cluster, target, defaultNamespace);
    }

    private TraceSubject ByAddress(IpAddress address)
    {
        var pod = pods.FirstOrDefault(p => p.Value.Addresses.Contains(address)).Key;
        if (pod is not null) return new(pod, [address], $"{address} (pod {pod})");
        var other = others.FirstOrDefault(o => o.Value.Contains(address)).Key;
        return new(other, [address], other is null ? $"{address}" : $"{address} ({other})");
    }

    private TraceSubject OfPod(string name, Pod pod)
    {
        var node = pod.Spec.NodeName;
        var phase = pod.Status?.Phase ?? "Pending";
        if (pod.Spec.HostNetwork && node is not null && !pod.IsFinished)
            return new(node, others.GetValueOrDefault(node) ?? [.. pod.Addresses()], $"pod {name}",
                $"pod {name} uses its node's network: traced as node {node}");
        if (pod.IsFinished || node is null)
            return Refused(name, CauseCode.PodNotRunning, node,
                node is null ? "has no node yet: the scheduler has not placed it" : $"has ended: its phase is {phase}",
                $"status.phase: {phase}", node is null ? "see the pod's events" : "start it again");
        if (pods.TryGetValue(name, out var attachment)) return new(name, attachment.Addresses, $"pod {name}");
        if (!pod.Addresses().Any())
            return Refused(name, CauseCode.PodWithoutAddress, node,
                $"has no address yet: its phase is {phase}", "status.podIPs: empty",
                "see the pod's events, and whether the node's agent and its pools can give it one");
        return Refused(name, CauseCode.StateUnknown, node,
            "is known to the API, but its node has no record of its interface",
            $"status.podIPs: {string.Join(", ", pod.Addresses())}",
            "see whether Causeway's plugin made it; delete the pod, so that it is made again");
    }

    private static TraceSubject Refused(
        string name, CauseCode code, string? node, string message, string evidence, string fix) =>
        new(name, [], $"pod {name}", null, new Cause(code, $"pod {name} {message}", node ?? "", evidence, fix));
}
