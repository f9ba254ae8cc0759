using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane;

/// <summary>
/// A kernel that behaves, for tests without one: operations have the consequences that they have in Linux
/// (what stands on a device goes with it, an address brings its routes, a gateway must be reachable), and the
/// outcome is captured like the real one's. The same contract tests run against both.
/// Not modelled: duplicate address detection, link-local addresses, learned neighbours, validation of
/// rulesets.
/// </summary>
public sealed class FakeKernel
{
    private readonly Dictionary<EntryKey, Entry> _entries = [];
    private int _lastIndex;

    public FakeKernel() => AddDevice(new Link { Name = "lo", Mtu = 65536 });

    /// <summary>Told of each entry that is made or changed, and with null of each that is gone.</summary>
    public Action<EntryKey, Entry?>? Changed { get; set; }

    /// <summary>A device that others made: a physical one, or one end of a veth pair.</summary>
    public void AddDevice(Link link) => Put(link with { Index = ++_lastIndex, Carrier = link.Up });

    /// <summary>The entries of some kinds; of all, when none is named.</summary>
    public DataplaneState Capture(params IReadOnlyCollection<EntryKind> kinds) => DataplaneState.Of(
        _entries.Values.Where(e => kinds.Count == 0 || kinds.Contains(e.Key.Kind)));

    /// <summary>Carries operations out in their order; those that fail are told with the reason.</summary>
    public IReadOnlyList<(Operation Operation, string Error)> Apply(IReadOnlyList<Operation> operations)
    {
        List<(Operation, string)> errors = [];
        foreach (var operation in operations)
            if (Apply(operation) is { } error) errors.Add((operation, $"cannot {operation}: {error}"));
        return errors;
    }

    private string? Apply(Operation operation)
    {
        if (operation is Delete)
        {
            Remove(operation.Key);
            return null;
        }
        var planned = ((Upsert)operation).Planned;
        if (Refusal(planned) is { } reason) return reason;
        switch (planned)
        {
            case Link link: SetLink(link); break;
            case LinkAddress address: SetAddress(address); break;
            default: Put(planned with { Origin = null }); break;
        }
        return null;
    }

    /// <summary>Takes an entry away, and what cannot be without it. Also what an operator would do behind
    /// one's back.</summary>
    public void Remove(EntryKey key)
    {
        if (!_entries.Remove(key, out var entry)) return;
        Changed?.Invoke(key, null);
        switch (entry)
        {
            case Link link:
                RemoveAll(e => DeviceOf(e) == link.Name);
                break;
            case LinkAddress address:
                foreach (var route in ImpliedRoutes(address)) Remove(route.Key);
                break;
        }
    }

    private string? Refusal(Entry entry)
    {
        if (DeviceOf(entry) is { } device && Device(device) is null) return $"there is no device '{device}'";
        return entry switch
        {
            Link { Master: { Length: > 0 } master } when Device(master) is null =>
                $"there is no device '{master}'",
            Link { Vxlan.Device: { } underlay } when Device(underlay) is null =>
                $"there is no device '{underlay}'",
            Link { Kind: "" or "veth" } link when Device(link.Name) is null =>
                $"there is no device '{link.Name}' to change",
            Route route => RouteRefusal(route),
            UnknownState => "what is unknown is not changed",
            _ => null,
        };
    }

    private string? RouteRefusal(Route route)
    {
        NextHop[] hops = route.NextHops.IsEmpty
            ? [new NextHop(route.Device, route.Via, route.Onlink, 1)]
            : [.. route.NextHops];
        foreach (var hop in hops)
        {
            if (hop.Device is { } name)
            {
                if (Device(name) is not { } device) return $"there is no device '{name}'";
                if (!device.Up) return "Network is down (ENETDOWN)";
            }
            if (hop is { Via: { } via, Onlink: false } && !IsOnLink(via, hop.Device))
                return "Network is unreachable (ENETUNREACH): Nexthop has invalid gateway";
        }
        return null;
    }

    private bool IsOnLink(IpAddress via, string? device) =>
        (via.Family == IpFamily.V6 && via.IsLinkLocal)
        || _entries.Values.OfType<Route>().Any(r =>
            r.Kind == RouteKind.Unicast && r.Via is null && r.NextHops.IsEmpty
            && (device is null || r.Device == device) && r.Destination.Contains(via));

    private void SetLink(Link planned)
    {
        var there = Device(planned.Name);
        if (there is not null && IsAnother(there, planned))
        {
            Remove(there.Key);
            there = null;
        }
        there ??= new Link
        {
            Name = planned.Name, Index = ++_lastIndex, Kind = planned.Kind, Up = false,
            Mac = MacAddress.Local((ulong)_lastIndex), Mtu = planned.Kind == "vxlan" ? 1450 : 1500,
        };
        var wasUp = there.Up;
        Put(there with
        {
            Mac = planned.Mac ?? there.Mac, Mtu = planned.Mtu ?? there.Mtu,
            Up = planned.Up, Carrier = planned.Up,
            Master = planned.Master is null ? there.Master : planned.Master.Length == 0 ? null : planned.Master,
            Vxlan = planned.Vxlan ?? there.Vxlan, Alias = planned.Alias ?? there.Alias,
        });
        if (wasUp && !planned.Up) GoDown(planned.Name);
        if (wasUp || !planned.Up) return;
        var addresses = _entries.Values.OfType<LinkAddress>().Where(a => a.Device == planned.Name).ToList();
        foreach (var address in addresses) SetAddress(address);
    }

    private static bool IsAnother(Link there, Link planned) =>
        (planned.Kind.Length > 0 && planned.Kind != there.Kind)
        || (planned.Vxlan is { } vxlan && (there.Vxlan?.Vni != vxlan.Vni || there.Vxlan?.Port != vxlan.Port));

    /// <summary>A device that goes down loses its routes and neighbours, and its IPv6 addresses; IPv4
    /// addresses and forwarding entries stay.</summary>
    private void GoDown(string device)
    {
        RemoveAll(e => e is Neighbour n && n.Device == device
            || e is LinkAddress a && a.Device == device && a.Address.Address.Family == IpFamily.V6
            || e is Route r && r.Device == device
                && (r.Kind != RouteKind.Local || r.Destination.Family == IpFamily.V6));
    }

    private void SetAddress(LinkAddress address)
    {
        Put(address with { Origin = null });
        if (Device(address.Device) is not { Up: true }) return;
        foreach (var route in ImpliedRoutes(address)) Put(route);
    }

    /// <summary>What the kernel adds by itself: that the address is local, and that its network is on the
    /// link.</summary>
    private static IEnumerable<Route> ImpliedRoutes(LinkAddress address)
    {
        const byte Kernel = 2;
        var (own, network) = (address.Address.Address, address.Address.Network);
        var v4 = own.Family == IpFamily.V4;
        yield return new Route
        {
            Destination = own.Host, Kind = RouteKind.Local, Device = address.Device, Table = Route.LocalTable,
            Protocol = Kernel, Scope = v4 ? Scope.Host : Scope.Global, PreferredSource = v4 ? own : null,
        };
        if (v4 && network.IsHost) yield break;
        yield return new Route
        {
            Destination = network, Device = address.Device, Protocol = Kernel,
            Scope = v4 ? Scope.Link : Scope.Global,
            PreferredSource = v4 ? own : null, Metric = v4 ? 0u : 256,
        };
    }

    private Link? Device(string name) => _entries.GetValueOrDefault(new EntryKey(EntryKind.Link, name)) as Link;

    /// <summary>The device without which an entry cannot be.</summary>
    private static string? DeviceOf(Entry entry) => entry switch
    {
        LinkAddress address => address.Device,
        Neighbour neighbour => neighbour.Device,
        FdbEntry fdb => fdb.Device,
        Route route => route.Device,
        Sysctl setting => setting.Path.Split('/') is ["net", _, "conf" or "neigh", var device, _]
            && device is not ("all" or "default") ? device : null,
        _ => null,
    };

    private void Put(Entry entry)
    {
        _entries[entry.Key] = entry;
        Changed?.Invoke(entry.Key, entry);
    }

    private void RemoveAll(Func<Entry, bool> condition)
    {
        foreach (var key in _entries.Values.Where(condition).Select(e => e.Key).ToList()) Remove(key);
    }
}
