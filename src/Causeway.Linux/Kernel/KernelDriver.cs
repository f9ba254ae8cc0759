using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Kernel;

/// <summary>
/// The dataplane of one network namespace: read it, change it. Calls block and may come from any thread, one
/// at a time. Holds one socket and one descriptor.
/// </summary>
public sealed class KernelDriver : IDisposable
{
    private readonly Lock _lock = new();
    private readonly NetlinkSocket _socket;
    private readonly SafeFileHandle _namespace;
    private readonly string _path;
    private readonly bool _isHome;
    private readonly DeviceNames _names = new();

    private KernelDriver(string? path)
    {
        _path = path ?? NetworkNamespace.Current;
        _isHome = path is null && !NamespaceThread.IsCurrent;
        _namespace = NetworkNamespace.Open(_path);
        OwnTable = new OwnTable(this);
        _socket = Inside(NetlinkSocket.Open);
    }

    internal NetlinkSocket Socket => _socket;

    internal DeviceNames Names => _names;

    internal OwnTable OwnTable { get; }

    /// <summary>Opens a namespace by its path; null is the calling thread's. Throws
    /// <see cref="SystemCallException"/> that names the path.</summary>
    public static KernelDriver Open(string? namespacePath = null) => new(namespacePath);

    /// <summary>
    /// Reads the entries of some kinds; of all, when none is named. Throws <see cref="IOException"/> when the
    /// kernel cannot be read. What is there and cannot be understood is an <see cref="UnknownState"/>.
    /// </summary>
    public DataplaneState Capture(params IReadOnlyCollection<EntryKind> kinds)
    {
        lock (_lock) return new KernelCapture(this).Read(kinds);
    }

    /// <summary>The same, but of rulesets nothing is read except our own table: listing what kube-proxy has
    /// written for thousands of services takes seconds.</summary>
    public DataplaneState CaptureOurs(params IReadOnlyCollection<EntryKind> kinds)
    {
        lock (_lock) return new KernelCapture(this) { OnlyOurTable = true }.Read(kinds);
    }

    /// <summary>
    /// Carries operations out in their order; those that fail are told, the others are done. Applying twice
    /// changes nothing the second time. A VXLAN device whose VNI or port differs is made anew.
    /// </summary>
    public IReadOnlyList<ApplyError> Apply(IReadOnlyList<Operation> operations)
    {
        lock (_lock) return new KernelApply(this, operations).Run();
    }

    /// <summary>Makes entries be there. Throws <see cref="IOException"/> with the first refusal.</summary>
    public void Ensure(params IReadOnlyList<Entry> entries)
    {
        var errors = Apply([.. entries.Select(e => new Upsert(e, null))]);
        if (errors.Count > 0) throw new IOException(errors[0].Message);
    }

    /// <summary>
    /// Makes a veth pair whose other end is born in another namespace, which is a hundred times cheaper than
    /// moving it there. Throws <see cref="NetlinkException"/>, EEXIST when either name is taken.
    /// </summary>
    public void CreateVethPair(Link link, Link peer, SafeHandle? peerNamespace = null)
    {
        lock (_lock)
        {
            var fd = peerNamespace is null ? (int?)null : (int)peerNamespace.DangerousGetHandle();
            if (link.Master is { } master && !_names.Contains(master)) RefreshNames();
            _socket.Execute(
                $"cannot create {link.Name} with {peer.Name}",
                w => LinkCodec.WriteVethPair(w, link, peer, fd, _names));
            GC.KeepAlive(peerNamespace);
        }
    }

    /// <summary>Removes a device; false when there is none. Throws <see cref="NetlinkException"/>.</summary>
    public bool DeleteLink(string name)
    {
        lock (_lock)
        {
            if (FindLink(name) is not { } link) return false;
            try
            {
                _socket.Execute($"cannot delete {name}", w => LinkCodec.WriteDelete(w, link.Index));
            }
            catch (NetlinkException e) when (e.Errno is Errno.NoDevice)
            {
                return false;
            }
            finally
            {
                _names.Remove(link.Index);
            }
            return true;
        }
    }

    /// <summary>Whether news of the ruleset are of what this driver did last: those are no news.</summary>
    public bool Made(RulesetChanged news) => OwnTable.Wrote(news.Port);

    /// <summary>A transaction that did not touch our own table: what is known of it stays so.</summary>
    public void Pass(RulesetChanged news) => OwnTable.Pass(news.Generation);

    /// <summary>News of the ruleset were lost: nothing is known of our own table.</summary>
    public void DoubtTable() => OwnTable.Doubt();

    /// <summary>One device by name, read now; null when there is none.</summary>
    public Link? Link(string name)
    {
        lock (_lock) return FindLink(name);
    }

    /// <summary>The number that this namespace has for another, as in
    /// <see cref="Core.Dataplane.Link.PeerNamespaceId"/>; null when it has none.</summary>
    public int? NamespaceId(SafeHandle other)
    {
        var fd = (int)other.DangerousGetHandle();
        var id = _socket.Ask(
            "cannot ask for a namespace's number", w => NamespaceIdCodec.WriteGet(w, fd),
            p => new NamespaceNumber(NamespaceIdCodec.Read(p)));
        GC.KeepAlive(other);
        return id.Value;
    }

    public void Dispose()
    {
        OwnTable.Dispose();
        _socket.Dispose();
        _namespace.Dispose();
    }

    internal Link? FindLink(string name)
    {
        try
        {
            var link = _socket.Ask(
                $"cannot find device {name}", w => LinkCodec.WriteGet(w, name), p => LinkCodec.Read(p, _names));
            _names.Set(link.Index, link.Name);
            return link;
        }
        catch (NetlinkException e) when (e.Errno is Errno.NoDevice)
        {
            return null;
        }
    }

    internal void RefreshNames()
    {
        var links = _socket.Dump(
            "cannot list devices", LinkCodec.WriteDump, p => new NamedIndex(LinkCodec.ReadName(p)));
        _names.Clear();
        foreach (var link in links) _names.Set(link.Device.Index, link.Device.Name);
    }

    /// <summary>Runs a function inside the namespace: on the calling thread where that is at home in it, for a
    /// thread of its own costs more than most functions.</summary>
    internal T Inside<T>(Func<T> function) => _isHome && !NamespaceThread.IsCurrent
        ? function()
        : NetworkNamespace.Run(_namespace, _path, function);

    private sealed record NamespaceNumber(int? Value);

    private sealed record NamedIndex((int Index, string Name) Device);
}
