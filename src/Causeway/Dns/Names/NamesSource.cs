using System.Collections.Immutable;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Zones;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Watching;
using Causeway.Watching;

namespace Causeway.Dns.Names;

/// <summary>Which objects have names. Two servers' zones with the same scope share what was read.</summary>
/// <param name="Namespaces">Empty: all.</param>
/// <param name="Labels">A selector of services and slices.</param>
/// <param name="NamespaceLabels">A selector of namespaces.</param>
/// <param name="Pods">Whether pods are followed.</param>
/// <param name="Endpoints">Whether endpoints are.</param>
internal sealed record NamesScope(
    ImmutableArray<string> Namespaces, string? Labels, string? NamespaceLabels, bool Pods, bool Endpoints)
{
    public bool Equals(NamesScope? other) => other is not null && Namespaces.SequenceEqual(other.Namespaces)
        && (Labels, NamespaceLabels, Pods, Endpoints)
            == (other.Labels, other.NamespaceLabels, other.Pods, other.Endpoints);

    public override int GetHashCode() => HashCode.Combine(Namespaces.Length, Labels, NamespaceLabels, Pods, Endpoints);
}

/// <summary>Keeps an index equal to the API. While the API is away, the index stays as it was.</summary>
internal sealed class NamesSource : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly NamesScope _scope;
    private readonly Feed _feed;
    private readonly TimeProvider _time;

    public NamesSource(NamesScope scope, KubeClient client, DnsLog log, TimeProvider time)
    {
        (_scope, _time) = (scope, time);
        Index = new(log.Nameless);
        var perNamespace = 1 + (scope.Endpoints ? 1 : 0) + (scope.Pods ? 1 : 0);
        _feed = new(
            client, $"dns {Environment.MachineName} {Environment.ProcessId}",
            1 + perNamespace * Math.Max(1, scope.Namespaces.Length), new(log.ApiProblem, () => { }), time);
    }

    public NameIndex Index { get; }

    public bool IsSynced => _feed.Synced.IsCompletedSuccessfully;

    public Task Synced => _feed.Synced;

    /// <summary>How long ago the API last said anything; zero before it ever did.</summary>
    public TimeSpan Silence => _feed.LastHeard is { } heard ? _time.GetUtcNow() - heard : TimeSpan.Zero;

    /// <summary>Runs until it is disposed.</summary>
    public Task RunAsync()
    {
        var cancel = _end.Token;
        List<Task> follows = [_feed.Follow(KubeTypes.Namespaces, _scope.NamespaceLabels, PassNamespace, cancel)];
        foreach (var ns in _scope.Namespaces.Select(n => (string?)n).DefaultIfEmpty(null))
        {
            follows.Add(_feed.Follow(KubeTypes.Services, _scope.Labels, Pass, cancel, ns, Identity));
            if (_scope.Endpoints)
                follows.Add(_feed.Follow(KubeTypes.EndpointSlices, _scope.Labels, Pass, cancel, ns, Identity));
            if (_scope.Pods) follows.Add(_feed.Follow(KubeTypes.Pods, null, PassPod, cancel, ns));
        }
        return Task.WhenAll(follows);
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private void Pass<T>(Change<T> change) where T : KubeObject => change.Tell(Index.Set, Index.Removed);

    private void PassNamespace(Change<Namespace> change)
    {
        var name = change.Object?.Metadata.Name;
        if (_scope.Namespaces.IsEmpty || _scope.Namespaces.Contains(name ?? "")) Pass(change);
    }

    private void PassPod(Change<Pod> change)
    {
        if (change.Old is { } before) Index.Removed(before);
        if (change.New is { } now) Index.Set(now);
    }

    /// <summary>The index has the rest: a hundred thousand endpoints are kept once.</summary>
    private static T Identity<T>(T item) where T : KubeObject, new() => new()
    {
        Metadata = new()
        {
            Name = item.Metadata.Name, Namespace = item.Metadata.Namespace, Uid = item.Metadata.Uid,
            ResourceVersion = item.Metadata.ResourceVersion,
        },
    };
}
