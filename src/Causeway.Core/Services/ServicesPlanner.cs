using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Services;

/// <summary>
/// The services of one node, kept up to date object by object; one changed object costs what its service holds.
/// The state depends on the present objects alone, never on the order in which they came. Not safe for use from
/// several threads.
/// </summary>
/// <param name="node">The node whose kernel is planned.</param>
/// <param name="changed">Told each port whose plan changed, with the new plan or null.</param>
public sealed class ServicesPlanner(string node, Action<ServicePortKey, ServicePortPlan?> changed)
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    private readonly Dictionary<string, ServiceState> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _serviceOfSlice = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<ServiceProblem>> _orphans = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Prefix> _pools = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ServicePortKey, ServicePortPlan> _ports = [];
    private readonly Claims _claims = new();
    private IReadOnlyList<IpAddress> _nodeAddresses = [];
    private string? _zone;

    /// <summary>Which local addresses answer on node ports; empty: all but loopback.</summary>
    public ImmutableArray<Prefix> NodePortAddresses { get; init; } = [];

    /// <summary>Told when what all services share changed.</summary>
    public Action<ServicesScope> ScopeChanged { get; init; } = _ => { };

    public ServicesScope Scope => new()
    {
        ClusterCidrs = [.. _pools.Values.Distinct().Order()],
        NodePortAddresses = NodePortAddresses,
    };

    public IReadOnlyDictionary<ServicePortKey, ServicePortPlan> Ports => _ports;

    public IEnumerable<ServiceProblem> Problems => _services.Values.SelectMany(s => s.Problems())
        .Concat(_orphans.Values.SelectMany(p => p))
        .OrderBy(p => p.Object, StringComparer.Ordinal).ThenBy(p => p.Message, StringComparer.Ordinal);

    /// <summary>Everything at this moment.</summary>
    public ServicesPlan Plan() => new(
        ImmutableSortedDictionary.CreateRange(_ports), Scope, [.. Problems]);

    /// <summary>An object as it is now: a Service, EndpointSlice, IPPool or this Node; others are of no interest.</summary>
    public void Set(KubeObject item)
    {
        switch (item)
        {
            case Service service:
                var state = StateOf(KeyOf(service.Metadata));
                state.Object = service;
                state.Reading = ServiceReading.Of(service, _nodeAddresses);
                Refresh(state);
                break;
            case EndpointSlice slice:
                SetSlice(KeyOf(slice.Metadata), SliceReading.Of(slice, node));
                break;
            case IpPool pool:
                SetPool(pool.Metadata.Name, Prefix.TryParse(pool.Spec.Cidr, out var cidr) ? cidr : null);
                break;
            case Node n when n.Metadata.Name == node:
                SetNode([.. n.InternalAddresses()], n.Metadata.Labels?.GetValueOrDefault(ZoneLabel));
                break;
        }
    }

    /// <summary>An object that is no more.</summary>
    public void Remove(KubeObject item)
    {
        switch (item)
        {
            case Service service:
                var state = StateOf(KeyOf(service.Metadata));
                state.Object = null;
                state.Reading = ServiceReading.Nothing;
                Refresh(state);
                break;
            case EndpointSlice slice:
                SetSlice(KeyOf(slice.Metadata), null);
                break;
            case IpPool pool:
                SetPool(pool.Metadata.Name, null);
                break;
            case Node n when n.Metadata.Name == node:
                SetNode([], null);
                break;
        }
    }

    private void SetSlice(string name, SliceReading? reading)
    {
        var before = _serviceOfSlice.GetValueOrDefault(name);
        if (before is not null && before != reading?.Service)
        {
            StateOf(before).Slices.Remove(name);
            Refresh(StateOf(before));
        }
        _orphans.Remove(name);
        if (reading?.Service is not { } service)
        {
            _serviceOfSlice.Remove(name);
            if (reading is { Problems.IsEmpty: false }) _orphans[name] = reading.Problems;
            return;
        }
        _serviceOfSlice[name] = service;
        StateOf(service).Slices[name] = reading;
        Refresh(StateOf(service));
    }

    private void SetPool(string name, Prefix? cidr)
    {
        var before = Scope;
        if (cidr is { } prefix) _pools[name] = prefix;
        else _pools.Remove(name);
        if (Scope is var scope && !scope.Equals(before)) ScopeChanged(scope);
    }

    private void SetNode(IReadOnlyList<IpAddress> addresses, string? zone)
    {
        // A node's object changes with each heartbeat: only what services depend on counts.
        if (zone == _zone && addresses.SequenceEqual(_nodeAddresses)) return;
        (_nodeAddresses, _zone) = (addresses, zone);
        foreach (var state in _services.Values.ToArray())
        {
            if (state.Object is { } service) state.Reading = ServiceReading.Of(service, _nodeAddresses);
            Refresh(state);
        }
    }

    /// <summary>Claims anew, and plans the service and whoever won or lost a destination by it.</summary>
    private void Refresh(ServiceState state)
    {
        var wanted = state.Reading.Ports.ToDictionary(p => p.Key);
        HashSet<ServicePortKey> touched = [];
        foreach (var gone in state.Ports.Where(k => !wanted.ContainsKey(k)))
        {
            touched.UnionWith(_claims.Set(gone, null));
            Publish(gone, null);
        }
        foreach (var (key, plan) in wanted) touched.UnionWith(_claims.Set(key, plan));
        state.Ports = [.. wanted.Keys];
        PlanPorts(state);
        foreach (var other in touched.Select(k => k.Name.Service).Distinct().Where(s => s != state.Name))
            PlanPorts(StateOf(other));
        if (state.IsEmpty) _services.Remove(state.Name);
    }

    private void PlanPorts(ServiceState state)
    {
        state.Conflicts.Clear();
        if (state.Reading.Ports.IsEmpty) return;
        var endpoints = state.Endpoints();
        foreach (var wanted in state.Reading.Ports)
        {
            var allowed = Allowed(wanted, state.Conflicts);
            var key = new SlicePortKey(wanted.Key.Name.Port, wanted.Protocol, wanted.Family);
            Publish(wanted.Key, allowed is null
                ? null
                : EndpointChoice.Apply(allowed, endpoints.GetValueOrDefault(key, []), node, _zone));
        }
    }

    /// <summary>The plan without the destinations that another port owns; null without its cluster IP.</summary>
    private ServicePortPlan? Allowed(ServicePortPlan plan, List<ServiceProblem> conflicts)
    {
        bool Mine(Destination destination)
        {
            if (_claims.Owns(plan.Key, destination)) return true;
            conflicts.Add(new(
                $"Service/{plan.Key.Name.Service}", $"{destination} belongs to {_claims.OwnerOf(destination)}"));
            return false;
        }

        if (!Mine(Claims.At(plan, plan.ClusterIp))) return null;
        bool Foreign(IpAddress address) => address == plan.ClusterIp || !Mine(Claims.At(plan, address));
        return plan with
        {
            ExternalIps = plan.ExternalIps.Any(Foreign)
                ? [.. plan.ExternalIps.Where(a => !Foreign(a))] : plan.ExternalIps,
            LoadBalancerVips = plan.LoadBalancerVips.Any(Foreign)
                ? [.. plan.LoadBalancerVips.Where(a => !Foreign(a))] : plan.LoadBalancerVips,
            NodePort = plan.NodePort != 0 && !Mine(Claims.AtNodePort(plan)) ? (ushort)0 : plan.NodePort,
        };
    }

    private void Publish(ServicePortKey key, ServicePortPlan? plan)
    {
        if (plan is null)
        {
            if (_ports.Remove(key)) changed(key, null);
            return;
        }
        if (_ports.TryGetValue(key, out var before) && before.Equals(plan)) return;
        _ports[key] = plan;
        changed(key, plan);
    }

    private ServiceState StateOf(string name) =>
        _services.TryGetValue(name, out var state) ? state : _services[name] = new(name);

    private static string KeyOf(ObjectMeta meta) => $"{meta.Namespace}/{meta.Name}";
}
