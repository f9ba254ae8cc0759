using Causeway.Lab.Objects;

namespace Causeway.Lab.Scheduling;

/// <summary>How many pods each node holds, kept up to date pod by pod. A pod counts once however often it is
/// told.</summary>
public sealed class PlacementCounts
{
    private readonly Dictionary<string, int> _perNode = [];
    private readonly Dictionary<(string Node, string Owner), int> _perOwner = [];
    private readonly Dictionary<string, (string Node, string Owner)> _placed = [];

    public int Pods(string node) => _perNode.GetValueOrDefault(node);

    public int PodsOf(string node, string owner) => _perOwner.GetValueOrDefault((node, owner));

    /// <summary>Takes note of a pod's present state: it holds a place from its binding to its end.</summary>
    public void Set(PodObject pod)
    {
        if (pod.Spec?.NodeName is { Length: > 0 } node && !pod.IsFinished) Place(pod, node);
        else Remove(pod.Key);
    }

    /// <summary>Counts a pod on a node before the API says so.</summary>
    public void Place(PodObject pod, string node)
    {
        var place = (node, OwnerOf(pod));
        if (_placed.TryGetValue(pod.Key, out var old))
        {
            if (old == place) return;
            Remove(pod.Key);
        }
        _placed[pod.Key] = place;
        _perNode[node] = Pods(node) + 1;
        _perOwner[place] = _perOwner.GetValueOrDefault(place) + 1;
    }

    public void Remove(string podKey)
    {
        if (!_placed.Remove(podKey, out var place)) return;
        _perNode[place.Node]--;
        if (--_perOwner[place] == 0) _perOwner.Remove(place);
    }

    /// <summary>What pods are spread by: their controller, or for a bare pod its namespace.</summary>
    public static string OwnerOf(PodObject pod) =>
        pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid
            ?? "/" + pod.Metadata.Namespace;
}
