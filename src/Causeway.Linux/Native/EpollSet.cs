using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Native;

/// <summary>Descriptors of which one thread waits for any to become readable (epoll(7)).</summary>
internal sealed unsafe class EpollSet : IDisposable
{
    private const int Batch = 64;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly SafeFileHandle _epoll;

    public EpollSet()
    {
        _epoll = Libc.EpollCreate(Libc.CloseOnExec);
        if (_epoll.IsInvalid) throw SystemCallException.FromLast("cannot make a set of descriptors to wait for");
    }

    /// <summary>Closing the descriptor takes it out again.</summary>
    /// <param name="key">What <see cref="Wait"/> then tells.</param>
    public void Add(SafeFileHandle descriptor, ulong key)
    {
        var change = stackalloc byte[16];
        *(uint*)change = Libc.EpollReadable;
        *(ulong*)(change + DataOffset) = key;
        SystemCallException.Check(
            Libc.EpollControl(_epoll, Libc.EpollAdd, descriptor, change), "cannot wait for a descriptor");
    }

    /// <summary>The keys of some that are readable; none when a signal came between.</summary>
    public ulong[] Wait()
    {
        var events = stackalloc byte[16 * Batch];
        var keys = new ulong[Math.Max(0, Libc.EpollWait(_epoll, events, Batch, -1))];
        for (var i = 0; i < keys.Length; i++) keys[i] = *(ulong*)(events + i * EventSize + DataOffset);
        return keys;
    }

    public void Dispose() => _epoll.Dispose();
}
