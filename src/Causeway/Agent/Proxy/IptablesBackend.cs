using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Services;
using Causeway.Core.Services.Iptables;
using Causeway.Linux.Kernel;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;
using Kind = Causeway.Core.Dataplane.Iptables.IptablesBackend;

namespace Causeway.Agent.Proxy;

/// <summary>
/// Services as iptables, in chains of the names that the Kubernetes project's proxy gives them. It goes by whichever
/// of the two kernel interfaces the node already uses, never both.
/// </summary>
/// <param name="say">Told what an operator should know.</param>
/// <param name="kind">The kernel interface; null: the one that the node uses.</param>
/// <param name="namespacePath">The node's network namespace; null for the calling thread's.</param>
internal sealed class IptablesBackend(Action<string> say, Kind? kind = null, string? namespacePath = null)
    : IServiceBackend
{
    private readonly OwnChanges _ours = new();
    private readonly IptablesServices[] _services = [new(IpFamily.V4), new(IpFamily.V6)];
    private IptablesTool? _tool;
    private List<IptablesFamily>? _families;

    public string Name => "iptables";

    public void SetScope(ServicesScope scope)
    {
        foreach (var services in _services) services.Scope = scope;
    }

    public void Apply(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        Tell(changed);
        foreach (var family in Families()) family.Apply();
    }

    public IReadOnlyList<string> Resync(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        Tell(changed);
        var families = Families();
        _ours.BeginReading();
        return [.. families.SelectMany(f => f.Resync())];
    }

    public bool Concerns(KernelEvent news) => _tool?.Backend == Kind.Nft && news switch
    {
        RulesetChanged ruleset => !_ours.Contains(ruleset.Port)
            && (ruleset.Tables.Contains(ProxyChains.Nat) || ruleset.Tables.Contains(ProxyChains.Filter)),
        KindsSuspect suspect => suspect.Kinds.Contains(EntryKind.NftTable) && !_ours.AreAll,
        _ => false,
    };

    public bool IsUntouched => _ours.AreAll;

    public bool MustLook => _tool?.Backend != Kind.Nft;

    public bool LooksIntact() => _families is null || _families.TrueForAll(f => f.LooksIntact());

    public void Remove()
    {
        foreach (var found in new[] { Kind.Nft, Kind.Legacy })
            foreach (var family in new[] { IpFamily.V4, IpFamily.V6 })
                if (IptablesFamily.Remove(new(found, namespacePath), family) is { } port) _ours.Add(port);
    }

    public void Dispose()
    {
        _families?.ForEach(f => f.Dispose());
        _ours.Socket?.Dispose();
    }

    private void Tell(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        foreach (var (key, plan) in changed)
            foreach (var services in _services) services.Set(key, plan);
    }

    /// <summary>Those that this kernel has; the first call asks the tools.</summary>
    private List<IptablesFamily> Families()
    {
        if (_families is not null) return _families;
        var tool = _tool ??= kind is { } known ? new(known, namespacePath) : IptablesTool.Detect(namespacePath);
        var served = _services.Where(s => s.Family == IpFamily.V4 || tool.Serves(s.Family)).ToList();
        if (served.Count < _services.Length)
            say($"IPv6 is left out: {tool.Name(IpFamily.V6)} finds no nat table in this kernel");
        if (tool.Backend == Kind.Nft) _ours.Socket = NetlinkSocket.OpenNetfilter(namespacePath);
        return _families = [.. served.Select(s => new IptablesFamily(
            s, tool, _ours, _ours.Socket is null ? new(s.Family, namespacePath) : null))];
    }
}
