using System.Collections.Immutable;
using Causeway.Core.Cluster;

namespace Causeway.Core.Services;

/// <summary>What the planner knows of one service: its object, if there is one, and its slices.</summary>
internal sealed class ServiceState(string name)
{
    public string Name { get; } = name;

    public Service? Object { get; set; }

    public ServiceReading Reading { get; set; } = ServiceReading.Nothing;

    public SortedDictionary<string, SliceReading> Slices { get; } = new(StringComparer.Ordinal);

    /// <summary>The ports whose claims are held.</summary>
    public ImmutableArray<ServicePortKey> Ports { get; set; } = [];

    /// <summary>Destinations that belong to others.</summary>
    public List<ServiceProblem> Conflicts { get; } = [];

    public bool IsEmpty => Object is null && Slices.Count == 0;

    public IEnumerable<ServiceProblem> Problems() =>
        Reading.Problems.Concat(Conflicts.Distinct()).Concat(Slices.Values.SelectMany(s => s.Problems));

    /// <summary>All endpoints by port, sorted. One that several slices hold counts once: as local, as ready, as
    /// serving if any of them says so, so that one on its way from slice to slice is never lost.</summary>
    public Dictionary<SlicePortKey, ServiceEndpoint[]> Endpoints()
    {
        Dictionary<SlicePortKey, Dictionary<(UInt128, ushort), ServiceEndpoint>> byPort = [];
        foreach (var (port, endpoint) in Slices.Values.SelectMany(s => s.Endpoints))
        {
            if (!byPort.TryGetValue(port, out var known)) byPort[port] = known = [];
            var key = (endpoint.Address.Value, endpoint.Port);
            if (!known.TryGetValue(key, out var other) || Rank(endpoint) > Rank(other)) known[key] = endpoint;
        }
        return byPort.ToDictionary(
            p => p.Key, p => p.Value.Values.OrderBy(e => e.Address).ThenBy(e => e.Port).ToArray());
    }

    private static int Rank(ServiceEndpoint e) =>
        (e.IsLocal ? 8 : 0) + (e.Ready ? 4 : 0) + (e.Serving ? 2 : 0) + (e.Terminating ? 0 : 1);
}
