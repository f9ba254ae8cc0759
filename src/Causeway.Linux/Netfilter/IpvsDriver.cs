using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;

namespace Causeway.Linux.Netfilter;

/// <summary>One thing to do to IPVS: to a virtual server or, with <see cref="Server"/>, to one of its real
/// servers.</summary>
/// <param name="Options">For adding and setting a virtual server.</param>
public readonly record struct IpvsOperation(IpvsVerb Verb, IpvsKey Key, IpvsOptions Options = default)
{
    public IpvsServer? Server { get; init; }

    public override string ToString()
    {
        var verb = Verb switch { IpvsVerb.Add => "add", IpvsVerb.Set => "set", _ => "delete" };
        return Server is { } real
            ? $"{verb} real server {new IpvsKey(Key.Protocol, real.Address, real.Port)} of {Key}"
            : $"{verb} virtual server {Key}{(Verb == IpvsVerb.Delete ? "" : $" {Options}")}";
    }
}

/// <summary>IPVS of one network namespace, by netlink. Calls may come from any thread.</summary>
public sealed class IpvsDriver : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly IpvsCodec _codec;

    private IpvsDriver(NetlinkSocket socket, IpvsCodec codec) => (_socket, _codec) = (socket, codec);

    /// <summary>Opens IPVS in a namespace, by its path; null for the calling thread's. The kernel loads the module
    /// by itself where it may. Throws <see cref="IOException"/> where it has none.</summary>
    public static IpvsDriver Open(string? namespacePath = null) => TryOpen(namespacePath) ?? throw new IOException(
        "this kernel has no IPVS: run 'modprobe ip_vs' as root on the host, or choose another --proxy");

    /// <summary>Null where the kernel has no IPVS.</summary>
    public static IpvsDriver? TryOpen(string? namespacePath = null)
    {
        var socket = NetlinkSocket.OpenGeneric(namespacePath);
        try
        {
            var family = socket.Ask(
                "cannot find IPVS", w => GenericCodec.WriteGetFamily(w, IpvsCodec.Name),
                p => new FamilyNumber(GenericCodec.ReadFamily(p)));
            return new(socket, new(family.Value));
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoEntry)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>All virtual servers of addresses, with their counters.</summary>
    public List<IpvsService> Services() => _socket.Dump(
        "cannot list virtual servers", _codec.WriteDumpServices, IpvsCodec.ReadService);

    /// <summary>Null when there is none.</summary>
    public IpvsService? Find(IpvsKey key)
    {
        try
        {
            return _socket.Ask(
                $"cannot read virtual server {key}", w => _codec.WriteGetService(w, key), IpvsCodec.ReadService);
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoProcess)
        {
            return null;
        }
    }

    /// <summary>The real servers of a virtual one; none when that is not there.</summary>
    public List<IpvsServer> Servers(IpvsKey key)
    {
        var family = key.Address.Family;
        try
        {
            return _socket.Dump(
                $"cannot list the real servers of {key}", w => _codec.WriteDumpServers(w, key),
                p => IpvsCodec.ReadServer(p, family));
        }
        catch (NetlinkException e) when (e.Errno == Errno.NoProcess)
        {
            return [];
        }
    }

    /// <summary>
    /// Carries out all, in order, in as few system calls as there can be. What is gone already is no error. Throws
    /// <see cref="IOException"/> with the first refusal; the others are done.
    /// </summary>
    public void Execute(IReadOnlyList<IpvsOperation> operations)
    {
        if (operations.Count == 0) return;
        NetlinkBatch batch = new();
        foreach (var operation in operations) batch.Add(w => Write(w, operation));
        NetlinkException? refusal = null;
        foreach (var (message, ack) in _socket.Execute(batch))
        {
            var operation = operations[message];
            var missing = ack.Error is Errno.NoProcess or Errno.NoEntry;
            if (operation.Verb == IpvsVerb.Delete && missing) continue;
            refusal ??= operation.Server is null && ack.Error == Errno.NoEntry
                ? new NetlinkException(
                    $"cannot {operation}: no scheduler '{operation.Options.Scheduler}': run 'modprobe ip_vs_{operation.Options.Scheduler}' as root on the host")
                : new NetlinkException($"cannot {operation}", ack);
        }
        if (refusal is not null) throw refusal;
    }

    public void Dispose() => _socket.Dispose();

    private void Write(NetlinkWriter writer, IpvsOperation operation)
    {
        if (operation.Server is { } server) _codec.Write(writer, operation.Verb, operation.Key, server);
        else _codec.Write(writer, operation.Verb, operation.Key, operation.Options);
    }

    private sealed record FamilyNumber(ushort Value);
}
