using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Netlink;

namespace Causeway.Core.Services.Ipvs;

/// <summary>A value for keys that have none.</summary>
public readonly record struct Present;

/// <summary>What to do to the kernel to follow a change: members and addresses in, virtual and real servers, then
/// members and addresses out.</summary>
/// <param name="Reals">Those of virtual servers that are themselves removed are in it too.</param>
/// <param name="RulesChanged">The iptables rules are to be written again.</param>
public sealed record IpvsChange(
    LedgerChange<IpvsMember, Present> Members, LedgerChange<IpAddress, Present> Addresses,
    LedgerChange<IpvsKey, IpvsOptions> Servers, LedgerChange<IpvsReal, Present> Reals, bool RulesChanged)
{
    public bool IsEmpty => Members.IsEmpty && Addresses.IsEmpty && Servers.IsEmpty && Reals.IsEmpty && !RulesChanged;
}

/// <summary>
/// One family's services for IPVS, kept up to date plan by plan; a change costs what the changed plan holds. Equal
/// plans give equal state in any order. Not safe for use from several threads.
/// </summary>
public sealed class IpvsServices(IpFamily family, IpvsSettings settings)
{
    private readonly Dictionary<ServicePortKey, (ServicePortPlan Plan, IpvsRendering Rendering)> _ports = [];
    private readonly Ledger<IpvsKey, IpvsOptions> _servers = new();
    private readonly Ledger<IpvsReal, Present> _reals = new();
    private readonly Ledger<IpAddress, Present> _addresses = new();
    private readonly Ledger<IpvsMember, Present> _members = new();
    private readonly Ledger<IpvsKey, Present> _barred = new();
    private ImmutableArray<IpAddress> _nodeAddresses = [];

    public IpFamily Family => family;

    public IEnumerable<KeyValuePair<IpvsKey, IpvsOptions>> Servers => _servers.Entries;

    public IReadOnlyCollection<IpvsReal> Reals => _reals.Keys;

    /// <summary>On the device of the services.</summary>
    public IReadOnlyCollection<IpAddress> Addresses => _addresses.Keys;

    public IReadOnlyCollection<IpvsMember> Members => _members.Keys;

    /// <summary>Load balancers that the node itself must not use, sorted: rules name them one by one.</summary>
    public IEnumerable<IpvsKey> Barred => _barred.Keys.Order();

    /// <summary>Those that answer on node ports; each has virtual servers of its own.</summary>
    public IReadOnlyList<IpAddress> NodeAddresses => _nodeAddresses;

    public bool Has(IpvsReal real) => _reals.Contains(real);

    public bool TryGet(IpvsKey key, out IpvsOptions options) => _servers.TryGet(key, out options);

    /// <summary>A port's plan as it is now, or null when it is no more; other families are ignored.</summary>
    public void Set(ServicePortKey key, ServicePortPlan? plan)
    {
        if (key.Family != family) return;
        var after = plan is null ? null : IpvsRendering.Of(plan, settings, _nodeAddresses);
        var before = _ports.TryGetValue(key, out var known) ? known.Rendering : null;
        // Out before in: while a destination passes from one port to another, who speaks last owns it.
        if (before is not null) Drop(before);
        if (after is not null) Put(after);
        if (plan is null || after is null) _ports.Remove(key);
        else _ports[key] = (plan, after);
    }

    /// <summary>The node's own addresses; costs what the services with node ports hold when they changed.</summary>
    public void SetNodeAddresses(IEnumerable<IpAddress> addresses)
    {
        ImmutableArray<IpAddress> now = [.. addresses.Where(a => a.Family == family).Distinct().Order()];
        if (now.AsSpan().SequenceEqual(_nodeAddresses.AsSpan())) return;
        _nodeAddresses = now;
        foreach (var (key, port) in _ports.Where(p => p.Value.Plan.NodePort != 0).ToArray()) Set(key, port.Plan);
    }

    /// <summary>What changed since the last call.</summary>
    public IpvsChange Take() => new(
        _members.Take(), _addresses.Take(), _servers.Take(), _reals.Take(), !_barred.Take().IsEmpty);

    private void Put(IpvsRendering rendering)
    {
        foreach (var (key, options) in rendering.Servers) _servers.Put(key, options);
        foreach (var real in rendering.Reals) _reals.Put(real, default);
        foreach (var address in rendering.Addresses) _addresses.Put(address, default);
        foreach (var member in rendering.Members) _members.Put(member, default);
        foreach (var key in rendering.Barred) _barred.Put(key, default);
    }

    private void Drop(IpvsRendering rendering)
    {
        foreach (var (key, _) in rendering.Servers) _servers.Drop(key);
        foreach (var real in rendering.Reals) _reals.Drop(real);
        foreach (var address in rendering.Addresses) _addresses.Drop(address);
        foreach (var member in rendering.Members) _members.Drop(member);
        foreach (var key in rendering.Barred) _barred.Drop(key);
    }
}
