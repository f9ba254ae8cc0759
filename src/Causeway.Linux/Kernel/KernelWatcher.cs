using System.Runtime.InteropServices;
using System.Threading.Channels;
using Causeway.Core.Dataplane;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Kernel;

/// <summary>
/// Tells what changes in one network namespace, in the kernel's order. When news are lost, by the kernel for
/// want of buffer or here because nobody reads them, it says which kinds are to be read again.
/// </summary>
public sealed class KernelWatcher : IDisposable
{
    private const int NetfilterGroup = 7; // NFNLGRP_NFTABLES
    private const int Backlog = 16 * 1024;

    // A pod's device alone brings a dozen: read together they wake those who take them once.
    private const int GatherMilliseconds = 5;

    // How soon those who did not read are told so, also where no more news come.
    private const int RetryMilliseconds = 200;

    private static readonly RouteGroup[] Groups =
    [
        RouteGroup.Link, RouteGroup.Neighbour, RouteGroup.AddressV4, RouteGroup.AddressV6, RouteGroup.RouteV4,
        RouteGroup.RouteV6, RouteGroup.RuleV4, RouteGroup.RuleV6, RouteGroup.ConfigurationV4,
        RouteGroup.ConfigurationV6,
    ];

    private static readonly IReadOnlyList<EntryKind> RouteKinds =
    [
        EntryKind.Link, EntryKind.LinkAddress, EntryKind.Neighbour, EntryKind.Fdb, EntryKind.Route, EntryKind.Rule,
        EntryKind.Sysctl,
    ];

    private static readonly KindsSuspect Unread =
        new([.. RouteKinds, EntryKind.NftTable], "news were not read in time");

    private readonly Channel<KernelEvent> _events = Channel.CreateBounded<KernelEvent>(
        new BoundedChannelOptions(Backlog) { SingleWriter = true });

    private readonly SafeFileHandle _route;
    private readonly SafeFileHandle _netfilter;
    private readonly NetlinkSocket _requests;
    private readonly SafeFileHandle _stop = Libc.EventFd(0, Libc.CloseOnExec);
    private readonly DeviceNames _names = new();
    private readonly NftNews _ruleset = new();
    private readonly byte[] _buffer = new byte[NetlinkSocket.BufferBytes];
    private readonly ManualResetEventSlim _stopped = new();
    private readonly Func<Entry, bool> _concerns;
    private bool _lost;

    private KernelWatcher(string path, Func<Entry, bool> concerns)
    {
        _concerns = concerns;
        using var handle = NetworkNamespace.Open(path);
        (_route, _netfilter, _requests) = NetworkNamespace.Run(handle, path, () => (
            NetlinkSocket.OpenHandle(Libc.NetlinkRoute, [.. Groups.Select(g => (int)g)]),
            NetlinkSocket.OpenHandle(Libc.NetlinkNetfilter, [NetfilterGroup]),
            NetlinkSocket.Open()));
        ReadNames();
        HomeThread.Start("kernel watcher", Loop);
    }

    /// <summary>Completes when the watcher is disposed, or with the error that ended it.</summary>
    public ChannelReader<KernelEvent> Events => _events.Reader;

    /// <summary>Watches a namespace by its path; null is the calling thread's. What changes after this
    /// returns is told. Throws <see cref="SystemCallException"/>.</summary>
    /// <param name="concerns">Which entries are told of, asked on the watching thread; null tells of all.</param>
    public static KernelWatcher Open(string? namespacePath = null, Func<Entry, bool>? concerns = null) =>
        new(namespacePath ?? NetworkNamespace.Current, concerns ?? (static _ => true));

    public void Dispose()
    {
        if (_stop.IsClosed) return;
        Notify();
        _stopped.Wait();
        _stop.Dispose();
        _stopped.Dispose();
    }

    private void Loop()
    {
        Exception? failure = null;
        try
        {
            // What makes the inner loop end also ends the outer one: a stop stays readable.
            while (Wait(_lost ? RetryMilliseconds : -1, out _, out _) && !StopsWithin(GatherMilliseconds))
            {
                if (_lost) _lost = !_events.Writer.TryWrite(Unread);
                while (Wait(0, out var route, out var netfilter) && (route || netfilter))
                {
                    if (route) Receive(_route, RouteKinds, Take);
                    if (netfilter) Receive(_netfilter, [EntryKind.NftTable], TakeNetfilter);
                }
            }
        }
        catch (Exception e)
        {
            failure = e;
        }
        _route.Dispose();
        _netfilter.Dispose();
        _requests.Dispose();
        _events.Writer.TryComplete(failure);
        _stopped.Set();
    }

    /// <summary>Blocks until there is something to receive; false when told to stop.</summary>
    /// <param name="milliseconds">At most; -1 is for ever.</param>
    private unsafe bool Wait(int milliseconds, out bool route, out bool netfilter)
    {
        PollDescriptor* set = stackalloc PollDescriptor[3];
        set[0] = new() { Descriptor = (int)_stop.DangerousGetHandle(), Events = PollDescriptor.Readable };
        set[1] = new() { Descriptor = (int)_route.DangerousGetHandle(), Events = PollDescriptor.Readable };
        set[2] = new() { Descriptor = (int)_netfilter.DangerousGetHandle(), Events = PollDescriptor.Readable };
        while (Libc.Poll(set, 3, milliseconds) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
                throw SystemCallException.FromLast("cannot wait for news from the kernel");
        }
        (route, netfilter) = (set[1].Returned != 0, set[2].Returned != 0);
        return set[0].Returned == 0;
    }

    private unsafe bool StopsWithin(int milliseconds)
    {
        PollDescriptor stop = new() { Descriptor = (int)_stop.DangerousGetHandle(), Events = PollDescriptor.Readable };
        return Libc.Poll(&stop, 1, milliseconds) > 0;
    }

    private delegate void Taker(NetlinkMessage message);

    private void Receive(SafeFileHandle socket, IReadOnlyList<EntryKind> kinds, Taker take)
    {
        try
        {
            var reader = new NetlinkReader(NetlinkSocket.Receive(socket, _buffer));
            while (reader.TryRead(out var message)) take(message);
        }
        catch (SystemCallException e) when (e.Errno == Errno.NoBuffers)
        {
            if (socket == _route) ReadNames();
            Tell(new KindsSuspect(kinds, "the kernel had more news than its buffer holds"));
        }
        catch (NetlinkFormatException e)
        {
            Tell(new KindsSuspect(kinds, $"news that cannot be read: {e.Message}"));
        }
    }

    private void Take(NetlinkMessage message)
    {
        if (message.Type == NetlinkType.NewNetworkConfiguration)
        {
            foreach (var setting in NetworkConfigurationCodec.Read(message.Payload, _names))
                TellOf(setting, gone: false);
            return;
        }
        var gone = message.Type is NetlinkType.DeleteLink or NetlinkType.DeleteAddress
            or NetlinkType.DeleteRoute or NetlinkType.DeleteNeighbour or NetlinkType.DeleteRule;
        Entry? entry = message.Type switch
        {
            NetlinkType.NewLink or NetlinkType.DeleteLink => TakeLink(message, gone),
            NetlinkType.NewAddress or NetlinkType.DeleteAddress => AddressCodec.Read(message.Payload, _names),
            NetlinkType.NewRoute or NetlinkType.DeleteRoute => RouteCodec.Read(message.Payload, _names),
            NetlinkType.NewNeighbour or NetlinkType.DeleteNeighbour =>
                NeighbourCodec.Read(message.Payload, _names),
            NetlinkType.NewRule or NetlinkType.DeleteRule => RuleCodec.Read(message.Payload),
            _ => null,
        };
        if (entry is not null) TellOf(entry, gone);
    }

    private void TellOf(Entry entry, bool gone)
    {
        if (_concerns(entry)) Tell(new EntryChanged(entry, gone));
    }

    private Link? TakeLink(NetlinkMessage message, bool gone)
    {
        // A bridge tells of its ports by link messages of its own family; a port that leaves it is not gone.
        if (message.Payload.Length > 0 && message.Payload[0] != 0) return null;
        var link = LinkCodec.Read(message.Payload, _names);
        var before = _names.NameOf(link.Index);
        if (gone) _names.Remove(link.Index);
        else _names.Set(link.Index, link.Name);
        // A device that was renamed is gone under its old name.
        if (!gone && before != link.Name && before != $"if{link.Index}")
            TellOf(link with { Name = before }, gone: true);
        return link;
    }

    private void TakeNetfilter(NetlinkMessage message)
    {
        if (_ruleset.Take(message, out var tables, out var generation))
            Tell(new RulesetChanged(tables, message.Port, generation));
    }

    private void Tell(KernelEvent news)
    {
        if (_lost || !_events.Writer.TryWrite(news)) _lost = true;
    }

    private void ReadNames()
    {
        _requests.Dump("cannot list devices", LinkCodec.WriteDump, payload =>
        {
            var (index, name) = LinkCodec.ReadName(payload);
            _names.Set(index, name);
            return (string?)null;
        });
    }

    private unsafe void Notify()
    {
        ulong one = 1;
        _ = Libc.Write(_stop, (byte*)&one, sizeof(ulong));
    }
}
