using Causeway.Core.Services.Ipvs;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Netfilter;

namespace Causeway.Agent.Proxy;

/// <summary>Looks whether the virtual servers are as planned: the kernel tells nobody when they change. Where there
/// are many, each look is at the next few.</summary>
internal sealed class IpvsLook(IpvsServices services, IpvsDriver driver)
{
    private const int AtOnce = 256;

    private readonly Queue<IpvsKey> _ahead = [];
    private ILookup<IpvsKey, IpvsReal> _reals = Enumerable.Empty<IpvsReal>().ToLookup(r => r.Server);

    public bool IsIntact()
    {
        if (_ahead.Count == 0)
        {
            foreach (var (key, _) in services.Servers) _ahead.Enqueue(key);
            _reals = services.Reals.ToLookup(r => r.Server);
        }
        for (var i = 0; i < AtOnce && _ahead.TryDequeue(out var key); i++)
        {
            // Planned no more since this round began.
            if (!services.TryGet(key, out var options)) continue;
            if (driver.Find(key)?.Options != options) return false;
            // What has weight 0 drains.
            var present = driver.Servers(key).Where(s => s.Weight > 0)
                .ToDictionary(s => new IpvsReal(key, s.Address, s.Port), s => s.Weight);
            if (present.Keys.Any(r => !services.Has(r))) return false;
            if (_reals[key].Any(r => services.Has(r) && present.GetValueOrDefault(r) != 1)) return false;
        }
        return true;
    }
}
