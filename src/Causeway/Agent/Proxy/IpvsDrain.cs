using Causeway.Core.Addressing;
using Causeway.Core.Services.Ipvs;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netfilter;

namespace Causeway.Agent.Proxy;

/// <summary>
/// Real servers that are planned no more and still have connections: they take no new ones, and go when the last
/// is forgotten. Those of UDP and SCTP go at once.
/// </summary>
internal sealed class IpvsDrain(IpvsDriver driver)
{
    private readonly Dictionary<IpvsKey, HashSet<IpvsReal>> _draining = [];

    /// <summary>The first step of taking a real server away.</summary>
    public IpvsOperation Start(IpvsReal real)
    {
        if (real.Server.Protocol != TransportProtocol.Tcp) return Operation(IpvsVerb.Delete, real);
        if (!_draining.TryGetValue(real.Server, out var reals)) _draining[real.Server] = reals = [];
        reals.Add(real);
        return Operation(IpvsVerb.Set, real);
    }

    /// <summary>A real server is planned again; whether it was draining, and so is still there.</summary>
    public bool Keep(IpvsReal real)
    {
        if (!_draining.TryGetValue(real.Server, out var reals) || !reals.Remove(real)) return false;
        if (reals.Count == 0) _draining.Remove(real.Server);
        return true;
    }

    /// <summary>The virtual server goes, and all with it.</summary>
    public void Forget(IpvsKey key) => _draining.Remove(key);

    public void Clear() => _draining.Clear();

    /// <summary>Deletes those whose connections have all ended.</summary>
    public void Sweep()
    {
        foreach (var (key, reals) in _draining.ToArray())
        {
            var busy = driver.Servers(key).Where(s => s.ActiveConnections + s.InactiveConnections > 0)
                .Select(s => new IpvsReal(key, s.Address, s.Port)).ToHashSet();
            IpvsReal[] done = [.. reals.Where(r => !busy.Contains(r))];
            driver.Execute([.. done.Select(r => Operation(IpvsVerb.Delete, r))]);
            foreach (var real in done) Keep(real);
        }
    }

    private static IpvsOperation Operation(IpvsVerb verb, IpvsReal real) =>
        new(verb, real.Server) { Server = new(real.Address, real.Port, 0) };
}
