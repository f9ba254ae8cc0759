using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Ipset;
using Causeway.Core.Services;
using Causeway.Core.Services.Ipvs;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Kernel;
using Causeway.Linux.Netfilter;

namespace Causeway.Agent.Proxy;

/// <summary>One family's services in IPVS and what belongs to them.</summary>
internal sealed class IpvsFamily(
    IpvsServices services, IpvsDriver driver, KernelDriver kernel, IpsetTool sets, IpvsRuleWriter rules)
{
    private readonly IpvsDrain _drain = new(driver);
    private readonly IpvsLook _look = new(services, driver);
    private ServicesScope _scope = new();

    public void SetScope(ServicesScope scope) => _scope = scope;

    public bool Wrote(uint port) => rules.Wrote(port);

    public bool RulesAreIntact() => rules.AreIntact();

    /// <summary>Lets drained real servers go.</summary>
    public void Drain() => _drain.Sweep();

    /// <summary>Brings what changed since the last call to the kernel. Who may pass and the addresses come before
    /// the servers, and go after them.</summary>
    public void Apply()
    {
        var change = services.Take();
        if (change.IsEmpty) return;
        sets.Restore(change.Members.Added.Select(m => Line("add", m.Key)));
        Do(change.Addresses.Added.Select(a => new Upsert(Bound(a.Key), null)));
        driver.Execute([.. Operations(change)]);
        if (change.RulesChanged) rules.Write(_scope, services.Barred);
        Do(change.Addresses.Removed.Select(a => new Delete(Bound(a))));
        sets.Restore(change.Members.Removed.Select(m => Line("del", m)));
    }

    /// <summary>Makes all as planned, whatever is there; what was not, one line each.</summary>
    /// <param name="present">All virtual servers, <paramref name="saved"/> all sets,
    /// <paramref name="addresses"/> all addresses of the node.</param>
    public IReadOnlyList<string> Resync(
        IReadOnlyList<IpvsService> present, IReadOnlyList<IpSet> saved, IReadOnlyList<LinkAddress> addresses)
    {
        services.SetNodeAddresses(NodePortAddresses(addresses));
        services.Take();
        List<string> differences = [];
        var (addMembers, deleteMembers) = SetLines(saved, differences);
        sets.Restore(addMembers);
        var bound = addresses.Where(IsBound).ToDictionary(a => a.Address.Address);
        var missing = services.Addresses.Where(a => !bound.ContainsKey(a)).ToList();
        var extra = bound.Values.Where(a => !services.Addresses.Contains(a.Address.Address)).ToList();
        differences.AddRange(missing.Select(a => $"{a} was not on {IpvsSettings.Device}"));
        differences.AddRange(extra.Select(a => $"{a.Address} was on {IpvsSettings.Device}"));
        Do(missing.Select(a => new Upsert(Bound(a), null)));
        driver.Execute(ServerOperations(present, bound, saved, differences));
        differences.AddRange(rules.Write(_scope, services.Barred));
        Do(extra.Select(a => new Delete(a)));
        sets.Restore(deleteMembers);
        return differences;
    }

    /// <param name="counts">How many members each set has.</param>
    public bool LooksIntact(IReadOnlyList<LinkAddress> addresses, Dictionary<string, int> counts)
    {
        var wanted = services.Members.GroupBy(m => m.Set).ToDictionary(g => g.Key, g => g.Count());
        return IpvsSets.All.All(s => counts.TryGetValue(s.Name(services.Family), out var n) && n == wanted.GetValueOrDefault(s))
            && addresses.Where(IsBound).Select(a => a.Address.Address).ToHashSet().SetEquals(services.Addresses)
            && NodePortAddresses(addresses).ToHashSet().SetEquals(services.NodeAddresses)
            && _look.IsIntact();
    }

    /// <summary>Deletes what is there of ours.</summary>
    public void Remove(IReadOnlyList<LinkAddress> addresses)
    {
        var saved = sets.Save();
        var bound = addresses.Where(IsBound).ToDictionary(a => a.Address.Address);
        driver.Execute([.. driver.Services().Where(s => IsOurs(s.Key, bound, saved))
            .Select(s => new IpvsOperation(IpvsVerb.Delete, s.Key))]);
        rules.Remove();
        var there = saved.Select(s => s.Name).ToHashSet();
        sets.Restore(IpvsSets.All.Select(s => s.Name(services.Family)).Where(there.Contains).Select(n => $"destroy {n}"));
        _drain.Clear();
    }

    private IEnumerable<IpvsOperation> Operations(IpvsChange change)
    {
        foreach (var (key, options) in change.Servers.Added) yield return new(IpvsVerb.Add, key, options);
        foreach (var (key, options) in change.Servers.Changed) yield return new(IpvsVerb.Set, key, options);
        foreach (var (real, _) in change.Reals.Added)
            yield return Real(_drain.Keep(real) ? IpvsVerb.Set : IpvsVerb.Add, real, 1);
        var removed = change.Servers.Removed.ToHashSet();
        foreach (var real in change.Reals.Removed)
            if (!removed.Contains(real.Server)) yield return _drain.Start(real);
        foreach (var key in removed)
        {
            _drain.Forget(key);
            yield return new(IpvsVerb.Delete, key);
        }
    }

    private List<IpvsOperation> ServerOperations(
        IReadOnlyList<IpvsService> present, Dictionary<IpAddress, LinkAddress> bound, IReadOnlyList<IpSet> saved,
        List<string> differences)
    {
        List<IpvsOperation> operations = [];
        var there = present.Where(s => s.Key.Address.Family == services.Family).ToDictionary(s => s.Key);
        var reals = services.Reals.ToLookup(r => r.Server);
        foreach (var (key, options) in services.Servers)
        {
            there.Remove(key, out var found);
            if (found is null) differences.Add($"virtual server {key} was not there");
            else if (found.Options != options) differences.Add($"virtual server {key} was '{found.Options}'");
            if (found?.Options != options)
                operations.Add(new(found is null ? IpvsVerb.Add : IpvsVerb.Set, key, options));
            RealOperations(key, found is null ? [] : driver.Servers(key), [.. reals[key]], operations, differences);
        }
        foreach (var key in there.Keys.Where(k => IsOurs(k, bound, saved)))
        {
            differences.Add($"virtual server {key} was there");
            _drain.Forget(key);
            operations.Add(new(IpvsVerb.Delete, key));
        }
        return operations;
    }

    private void RealOperations(
        IpvsKey key, List<IpvsServer> present, HashSet<IpvsReal> wanted, List<IpvsOperation> operations,
        List<string> differences)
    {
        foreach (var server in present)
        {
            IpvsReal real = new(key, server.Address, server.Port);
            if (!wanted.Remove(real))
            {
                if (server.Weight > 0) differences.Add($"real server {real} was there");
                operations.Add(_drain.Start(real));
            }
            else if (server.Weight != 1 || server.Method != 0)
            {
                differences.Add($"real server {real} had weight {server.Weight}");
                _drain.Keep(real);
                operations.Add(Real(IpvsVerb.Set, real, 1));
            }
        }
        foreach (var real in wanted)
        {
            differences.Add($"real server {real} was not there");
            _drain.Keep(real);
            operations.Add(Real(IpvsVerb.Add, real, 1));
        }
    }

    private (List<string> Add, List<string> Delete) SetLines(IReadOnlyList<IpSet> saved, List<string> differences)
    {
        var there = saved.ToDictionary(s => s.Name);
        var wanted = services.Members.ToLookup(m => m.Set, m => m.Text);
        List<string> add = [], delete = [];
        foreach (var set in IpvsSets.All)
        {
            var name = set.Name(services.Family);
            HashSet<string> present = [];
            if (!there.TryGetValue(name, out var found)) add.Add(set.Create(services.Family));
            else if (found.Type != set.Type)
                throw new IOException($"ipset {name} is of type {found.Type}, not {set.Type}: destroy it");
            else present = [.. found.Members.All.Select(m => m.Text)];
            foreach (var text in wanted[set].Where(t => !present.Remove(t)))
            {
                differences.Add($"ipset {name} had no {text}");
                add.Add(Line("add", new(set, text)));
            }
            differences.AddRange(present.Select(t => $"ipset {name} had {t}"));
            delete.AddRange(present.Select(t => Line("del", new(set, t))));
        }
        return (add, delete);
    }

    /// <summary>On an address of ours, or on a node port of ours.</summary>
    private bool IsOurs(IpvsKey key, Dictionary<IpAddress, LinkAddress> bound, IReadOnlyList<IpSet> saved)
    {
        if (key.Address.Family != services.Family) return false;
        if (bound.ContainsKey(key.Address)) return true;
        var set = IpvsSets.NodePorts.First(n => n.Protocol == key.Protocol).All;
        string[] member = set.Type == "bitmap:port"
            ? [$"{key.Port}"] : [$"{key.Address}", $"{key.Protocol.Word}:{key.Port}"];
        return saved.FirstOrDefault(s => s.Name == set.Name(services.Family))?.Members.Find(member) is not null;
    }

    private bool IsBound(LinkAddress address) => address.Device == IpvsSettings.Device
        && address.Address.Address.Family == services.Family && !address.Address.Address.IsLinkLocal;

    private IEnumerable<IpAddress> NodePortAddresses(IEnumerable<LinkAddress> addresses) => addresses
        .Where(a => a.Device != IpvsSettings.Device).Select(a => a.Address.Address)
        .Where(a => a.Family == services.Family && !a.IsLoopback && !a.IsLinkLocal
            && (_scope.NodePortAddresses.IsEmpty || _scope.NodePortAddresses.Any(p => p.Contains(a))));

    private static LinkAddress Bound(IpAddress address) =>
        new() { Device = IpvsSettings.Device, Address = new(address, address.Family.Bits) };

    private static IpvsOperation Real(IpvsVerb verb, IpvsReal real, int weight) =>
        new(verb, real.Server) { Server = new(real.Address, real.Port, weight) };

    private string Line(string verb, IpvsMember member) => $"{verb} {member.Set.Name(services.Family)} {member.Text}";

    private void Do(IEnumerable<Operation> operations)
    {
        if (kernel.Apply([.. operations]) is [var error, ..]) throw new IOException(error.Message);
    }
}
