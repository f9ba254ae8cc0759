using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Volumes;

/// <summary>
/// What pods take from other objects, as last heard, and word of changes to those who use them. One watch of each
/// kind serves all nodes of the lab.
/// </summary>
internal sealed class PodSources
{
    private readonly ObjectCache<ConfigMapObject> _configMaps;
    private readonly ObjectCache<SecretObject> _secrets;
    private readonly ObjectCache<ServiceObject> _services;
    private readonly Dictionary<string, List<Action>> _users = [];
    private readonly Lock _gate = new();

    public PodSources(KubeClient client)
    {
        _configMaps = new(client, KubeTypes.Of(ApiResources.ConfigMaps, ObjectJson.Default.ConfigMapObject));
        _secrets = new(client, KubeTypes.Of(ApiResources.Secrets, ObjectJson.Default.SecretObject));
        _services = new(client, KubeTypes.Of(ApiResources.Services, ObjectJson.Default.ServiceObject));
        _configMaps.OnChange((old, now) => Tell((now ?? old)!));
        _secrets.OnChange((old, now) => Tell((now ?? old)!));
    }

    /// <summary>What is missing from here on is missing from the API.</summary>
    public Task Synced => Task.WhenAll(_configMaps.Synced, _secrets.Synced, _services.Synced);

    public Task RunAsync(TimeProvider time, Action<string>? onProblem, CancellationToken cancel) => Task.WhenAll(
        _configMaps.RunAsync(time, onProblem, cancel), _secrets.RunAsync(time, onProblem, cancel),
        _services.RunAsync(time, onProblem, cancel));

    /// <summary>As a pod of this namespace may see them.</summary>
    public ObjectLookup In(string ns) => new(
        name => _configMaps.Find($"{ns}/{name}"), name => _secrets.Find($"{ns}/{name}"));

    public IEnumerable<ServiceObject> Services(string ns) => _services.All.Where(s => s.Metadata.Namespace == ns);

    public ServiceObject? Service(string ns, string name) => _services.Find($"{ns}/{name}");

    /// <summary>Calls back, on any thread and quickly, after a ConfigMap or Secret of the namespace changed, until
    /// what is given back is disposed.</summary>
    public IDisposable Follow(string ns, Action changed)
    {
        lock (_gate)
        {
            if (!_users.TryGetValue(ns, out var users)) _users[ns] = users = [];
            users.Add(changed);
        }
        return new Following(this, ns, changed);
    }

    private void Tell(KubeObject changed)
    {
        lock (_gate)
            foreach (var user in _users.GetValueOrDefault(changed.Metadata.Namespace ?? "", [])) user();
    }

    private sealed class Following(PodSources sources, string ns, Action changed) : IDisposable
    {
        public void Dispose()
        {
            lock (sources._gate)
                if (sources._users.TryGetValue(ns, out var users) && users.Remove(changed) && users.Count == 0)
                    sources._users.Remove(ns);
        }
    }
}
