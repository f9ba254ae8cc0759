using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Services;
using Causeway.Core.Services.Ipvs;
using Causeway.Linux.Kernel;
using Causeway.Linux.Netfilter;

namespace Causeway.Agent.Proxy;

/// <summary>Services as virtual servers of IPVS, whose addresses are on a device of their own; ipsets and a few
/// iptables rules say what is masqueraded and who may pass.</summary>
/// <param name="namespacePath">The node's network namespace; null for the calling thread's.</param>
internal sealed class IpvsBackend(IpvsSettings settings, string? namespacePath = null) : IServiceBackend
{
    private static readonly IpFamily[] Families = [IpFamily.V4, IpFamily.V6];
    private static readonly string[] Tables = ["nat", "filter"];

    private readonly KernelDriver _kernel = KernelDriver.Open(namespacePath);
    private readonly IpsetTool _sets = new(namespacePath);
    private readonly Dictionary<IpFamily, IpvsServices> _services =
        Families.ToDictionary(f => f, f => new IpvsServices(f, settings));
    private ServicesScope _scope = new();
    private IpvsDriver? _driver;
    private IptablesTool? _iptables;
    private List<IpvsFamily>? _families;

    public string Name => "ipvs";

    public void SetScope(ServicesScope scope)
    {
        _scope = scope;
        foreach (var family in _families ?? []) family.SetScope(scope);
    }

    public void Apply(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        Tell(changed);
        foreach (var family in All()) family.Apply();
    }

    public IReadOnlyList<string> Resync(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        Tell(changed);
        var families = All();
        Ensure(settings.Sysctls().Select(s => new Upsert(s, null)));
        var device = new Link { Name = IpvsSettings.Device, Kind = "dummy", Up = false, Alias = IpvsSettings.DeviceAlias };
        List<string> differences = [];
        if (_kernel.Link(device.Name) is not { } there) differences.Add($"there was no device {device.Name}");
        else if (!there.Fulfils(device)) differences.Add($"device {device.Name} was '{there}'");
        Ensure([new Upsert(device, null)]);
        var addresses = Addresses();
        var (servers, sets) = (_driver!.Services(), _sets.Save());
        foreach (var family in families) differences.AddRange(family.Resync(servers, sets, addresses));
        return differences;
    }

    public bool Concerns(KernelEvent news) => news switch
    {
        // The same tables hold many others' rules: ours decide.
        RulesetChanged ruleset => Tables.Any(ruleset.Tables.Contains) && !(_families ?? []).Exists(f => f.Wrote(ruleset.Port))
            && !RulesAreIntact(),
        KindsSuspect suspect => suspect.Kinds.Contains(EntryKind.NftTable),
        _ => false,
    };

    public bool IsUntouched => false;

    public bool MustLook => true;

    public bool LooksIntact()
    {
        if (_families is null) return false;
        try
        {
            var addresses = Addresses();
            var counts = _sets.Count();
            foreach (var family in _families) family.Drain();
            // iptables-nft tells of its changes.
            var silent = _iptables!.Backend == Core.Dataplane.Iptables.IptablesBackend.Legacy;
            return _families.TrueForAll(f => f.LooksIntact(addresses, counts)) && (!silent || RulesAreIntact());
        }
        catch (IOException)
        {
            // The resync says what is the matter.
            return false;
        }
    }

    private bool RulesAreIntact()
    {
        try
        {
            return (_families ?? []).TrueForAll(f => f.RulesAreIntact());
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Remove()
    {
        // Another program's virtual servers and rules of the same names are not ours to remove.
        if (_kernel.Link(IpvsSettings.Device) is not { Alias: IpvsSettings.DeviceAlias }) return;
        foreach (var family in All()) family.Remove(Addresses());
        _kernel.DeleteLink(IpvsSettings.Device);
    }

    public void Dispose()
    {
        _driver?.Dispose();
        _kernel.Dispose();
    }

    private void Tell(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
        foreach (var (key, plan) in changed) _services[key.Family].Set(key, plan);
    }

    private List<IpvsFamily> All()
    {
        if (_families is not null) return _families;
        _driver ??= IpvsDriver.Open(namespacePath);
        _iptables ??= IptablesTool.Detect(namespacePath);
        return _families = [.. Families.Where(_iptables.Serves).Select(f => new IpvsFamily(
            _services[f], _driver, _kernel, _sets, new IpvsRuleWriter(f, _iptables)))
            .Select(f => { f.SetScope(_scope); return f; })];
    }

    private List<LinkAddress> Addresses() => [.. _kernel.Capture(EntryKind.LinkAddress).All<LinkAddress>()];

    private void Ensure(IEnumerable<Operation> operations)
    {
        if (_kernel.Apply([.. operations]) is [var error, ..]) throw new IOException(error.Message);
    }
}
