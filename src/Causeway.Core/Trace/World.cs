using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>
/// Every namespace a packet may meet, and how they are joined. Immutable; made by <see cref="Of"/>.
/// </summary>
public sealed class World
{
    private World(ImmutableSortedDictionary<string, Host> hosts)
    {
        Hosts = hosts;
        Wires = Wires.Of(hosts.Values);
    }

    public ImmutableSortedDictionary<string, Host> Hosts { get; }

    internal Wires Wires { get; }

    /// <summary>A world of these hosts. Two hosts of one name throw.</summary>
    public static World Of(IEnumerable<Host> hosts)
    {
        var byName = ImmutableSortedDictionary.CreateBuilder<string, Host>(StringComparer.Ordinal);
        foreach (var host in hosts) byName.Add(host.Name, host);
        return new(byName.ToImmutable());
    }

    public World With(Host host) => new(Hosts.SetItem(host.Name, host));

    public Host? this[string name] => Hosts.GetValueOrDefault(name);

    /// <summary>
    /// Who carries an address: pods by what they were given, everything else by its devices. Null when nobody does.
    /// </summary>
    public Host? OwnerOf(IpAddress address) =>
        Hosts.Values.FirstOrDefault(h => h.Attachment?.Addresses.Contains(address) ?? false)
        ?? Hosts.Values.FirstOrDefault(h => h.Kind != HostKind.Pod && h.Owning(address) is not null);

    internal Link? Link(WireEnd end) => Hosts[end.Host].State.Link(end.Device);

    /// <summary>
    /// The device behind an address that shares a network with this one, where the wire between them was not
    /// captured: what an ARP or NDP request on that wire would find.
    /// </summary>
    internal WireEnd? Inferred(Host from, string device, IpAddress nextHop)
    {
        var networks = from.AddressesOn(device).Select(a => a.Address.Network).ToList();
        foreach (var host in Hosts.Values)
        {
            if (host.Name == from.Name || host.Kind == HostKind.Pod) continue;
            foreach (var owned in host.State.All<LinkAddress>().Where(a => a.Address.Address == nextHop))
                if (networks.Contains(owned.Address.Network) && Wires.IsOpen(new(host.Name, owned.Device)))
                    return new(host.Name, owned.Device);
        }
        return null;
    }
}
