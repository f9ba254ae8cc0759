using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Services;
using Causeway.Core.Services.Nftables;
using Causeway.Linux.Kernel;
using Causeway.Linux.Netfilter;
using Causeway.Linux.Netlink;

namespace Causeway.Agent.Proxy;

/// <summary>Services as nftables: one table per family, of few chains and many elements, all by netlink.</summary>
/// <param name="namespacePath">The node's network namespace; null for the calling thread's.</param>
internal sealed class NftBackend(string? namespacePath = null) : IServiceBackend
{
    private static readonly IpFamily[] Families = [IpFamily.V4, IpFamily.V6];

    private readonly OwnChanges _ours = new() { Socket = NetlinkSocket.OpenNetfilter(namespacePath) };
    private Dictionary<IpFamily, NftFamily>? _families;
    private ServicesScope _scope = new();

    public string Name => "nftables";

    public void SetScope(ServicesScope scope)
    {
        _scope = scope;
        foreach (var family in All()) family.SetScope(scope);
    }

    public void Apply(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        Tell(changed);
        foreach (var family in All()) family.Apply();
    }

    public IReadOnlyList<string> Resync(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        Tell(changed);
        _ours.BeginReading();
        NftServiceTable.Declare(_ours.Socket!, Families, _scope);
        return [.. All().SelectMany(f => f.Resync())];
    }

    public bool Concerns(KernelEvent news) => news switch
    {
        RulesetChanged ruleset => ruleset.Tables.Contains(NftSets.Table) && !_ours.Contains(ruleset.Port),
        KindsSuspect suspect => suspect.Kinds.Contains(EntryKind.NftTable) && !_ours.AreAll,
        _ => false,
    };

    public bool IsUntouched => _ours.AreAll;

    public bool MustLook => false;

    public bool LooksIntact() => true;

    public void Remove() => NftServiceTable.Remove(_ours.Socket!, Families);

    public void Dispose() => _ours.Socket!.Dispose();

    private void Tell(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        foreach (var family in All())
            foreach (var (key, plan) in changed) family.Set(key, plan);
    }

    private IEnumerable<NftFamily> All() => (_families ??= Families.ToDictionary(
        f => f, f => new NftFamily(new NftServiceTable(_ours.Socket!, f)))).Values;
}
