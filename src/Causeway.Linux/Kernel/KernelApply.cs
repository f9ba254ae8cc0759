using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Kernel;

/// <summary>
/// One application of operations. Neighbouring netlink requests travel together; what needs an answer of its
/// own (a new device's index, settings, rulesets) first lets those before it go.
/// </summary>
internal sealed class KernelApply(KernelDriver driver, IReadOnlyList<Operation> operations)
{
    private readonly List<ApplyError> _errors = [];
    private readonly NetlinkBatch _batch = new();
    private readonly List<Operation> _batched = [];
    private readonly List<Sysctl> _settings = [];
    private readonly List<Operation> _settingOperations = [];
    private bool _refreshed;

    public IReadOnlyList<ApplyError> Run()
    {
        foreach (var operation in operations)
        {
            switch (operation.Key.Kind)
            {
                case EntryKind.Link:
                    Flush();
                    Try(operation, () => ApplyLink(operation));
                    break;
                case EntryKind.Sysctl:
                    SendBatch();
                    // Settings of a device go with it.
                    if (operation is Upsert { Planned: Sysctl setting })
                    {
                        _settings.Add(setting);
                        _settingOperations.Add(operation);
                    }
                    break;
                case EntryKind.NftTable:
                    Flush();
                    Try(operation, () => ApplyTable(operation));
                    break;
                case EntryKind.IptablesTable or EntryKind.IpSet or EntryKind.VirtualServer:
                    Fail(operation, "another's rules are not changed");
                    break;
                case EntryKind.Unknown:
                    Fail(operation, "what is unknown is not changed");
                    break;
                default:
                    WriteSettings();
                    Try(operation, () => AddToBatch(operation));
                    break;
            }
        }
        Flush();
        return _errors;
    }

    private void AddToBatch(Operation operation)
    {
        for (var added = false; !added;)
        {
            try
            {
                _batch.Add(w => EntryWriter.Write(w, operation, driver.Names));
                added = true;
            }
            catch (UnknownDeviceException e) when (driver.FindLink(e.Device)?.Name == e.Device)
            {
                // It was made since the names were read. Now it is known.
            }
            catch (UnknownDeviceException) when (operation is Delete)
            {
                // What stood on a device that is gone, is gone.
                return;
            }
        }
        _batched.Add(operation);
    }

    private void Flush()
    {
        SendBatch();
        WriteSettings();
    }

    private void SendBatch()
    {
        if (_batch.Count == 0) return;
        var stale = new List<Operation>();
        foreach (var (message, ack) in driver.Socket.Execute(_batch))
        {
            var operation = _batched[message];
            if (EntryWriter.IsDone(operation, ack.Error)) continue;
            // A device was made anew under its old name: its index has changed.
            if (EntryWriter.MayBeStaleIndex(ack.Error) && !_refreshed) stale.Add(operation);
            else Fail(operation, new NetlinkException($"cannot {operation}", ack));
        }
        _batch.Clear();
        _batched.Clear();
        if (stale.Count == 0) return;
        driver.RefreshNames();
        _refreshed = true;
        foreach (var operation in stale) Try(operation, () => AddToBatch(operation));
        SendBatch();
    }

    private void ApplyLink(Operation operation)
    {
        if (operation is not Upsert { Planned: Link planned })
        {
            driver.DeleteLink(operation.Key.Name);
            return;
        }
        var there = driver.FindLink(planned.Name);
        if (planned.Master is { Length: > 0 } master && driver.FindLink(master) is null)
            throw new UnknownDeviceException(master);
        if (planned.Vxlan?.Device is { } underlay && driver.FindLink(underlay) is null)
            throw new UnknownDeviceException(underlay);
        if (there is not null && MustBeMadeAnew(there, planned))
        {
            driver.DeleteLink(there.Name);
            there = null;
        }
        if (there is null)
        {
            if (planned.Kind is "" or "veth")
                throw new IOException($"there is no device '{planned.Name}' to change");
            driver.Socket.Execute(
                $"cannot {operation}", w => LinkCodec.WriteCreate(w, planned, driver.Names));
            there = driver.FindLink(planned.Name);
            // The kernel takes no alias for a device that it has yet to make.
            if (there is null || planned.Alias is null || there.Alias == planned.Alias) return;
        }
        if (there.Fulfils(planned with { Kind = there.Kind })) return;
        var what = $"cannot {operation}";
        driver.Socket.Execute(
            what, w => LinkCodec.WriteChange(w, there.Index, Changes(there, planned), driver.Names));
        if (planned.Vxlan is { } vxlan && !there.Vxlan!.Fulfils(vxlan))
        {
            driver.Socket.Execute(
                what, w => LinkCodec.WriteVxlanChange(w, there.Index, planned.Up, vxlan, driver.Names));
        }
    }

    /// <summary>A device of another kind, or a VXLAN device that differs in what the kernel does not let
    /// change.</summary>
    private static bool MustBeMadeAnew(Link there, Link planned) =>
        (planned.Kind.Length > 0 && planned.Kind != there.Kind)
        || (planned.Vxlan is { } vxlan && (there.Vxlan is not { } now
            || vxlan.Vni != now.Vni || vxlan.Port != now.Port
            || (vxlan.Local is { } local && now.Local is { } was && local.Family != was.Family)));

    /// <summary>Only what differs: some drivers refuse to be told what they are already.</summary>
    private static Link Changes(Link there, Link planned) => planned with
    {
        Mac = planned.Mac == there.Mac ? null : planned.Mac,
        Mtu = planned.Mtu == there.Mtu ? null : planned.Mtu,
        Master = planned.Master == there.Master ? null : planned.Master,
        Alias = planned.Alias == there.Alias ? null : planned.Alias,
    };

    private void WriteSettings()
    {
        if (_settings.Count == 0) return;
        var failures = driver.Inside(() => _settings.ConvertAll(setting =>
        {
            try
            {
                Sysctls.Write(setting);
                return null;
            }
            catch (IOException e)
            {
                return e.Message;
            }
        }));
        for (var i = 0; i < failures.Count; i++)
            if (failures[i] is { } message) Fail(_settingOperations[i], message);
        _settings.Clear();
        _settingOperations.Clear();
    }

    private void ApplyTable(Operation operation)
    {
        if (operation is Upsert { Planned: NftTable planned }) PacketFilters.Replace(driver, planned);
        else PacketFilters.Remove(driver, (NftTable)((Delete)operation).Observed);
    }

    private void Try(Operation operation, Action action)
    {
        try
        {
            action();
        }
        catch (NetlinkException e)
        {
            _errors.Add(new ApplyError(operation, e.Message, e.Errno));
        }
        catch (Exception e) when (e is UnknownDeviceException or IOException)
        {
            Fail(operation, $"cannot {operation}: {e.Message}");
        }
    }

    private void Fail(Operation operation, string message) => _errors.Add(new ApplyError(operation, message));

    private void Fail(Operation operation, NetlinkException error) =>
        _errors.Add(new ApplyError(operation, error.Message, error.Errno));
}
