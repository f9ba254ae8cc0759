using System.Buffers;
using System.Runtime.InteropServices;
using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Netlink;

/// <summary>Reads one entry from a message's payload; null for one that is of no interest.</summary>
public delegate T? NetlinkParser<out T>(ReadOnlySpan<byte> payload) where T : class;

/// <summary>
/// A socket of rtnetlink, nfnetlink or generic netlink, bound for ever to the namespace that it was opened in. Calls block for the
/// microseconds that the kernel takes and may come from any thread, one at a time.
/// </summary>
public sealed class NetlinkSocket : IDisposable
{
    internal const int BufferBytes = 64 * 1024;

    /// <summary>Messages sent at once: if all fail, their answers still fit into the socket's
    /// buffer.</summary>
    private const int ChunkMessages = 256;

    private const int DumpAttempts = 20;
    private const int ReceiveBufferBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _socket;
    private readonly NetlinkWriter _writer = new(256);
    private uint _sequence;

    private NetlinkSocket(SafeFileHandle socket) => _socket = socket;

    internal SafeFileHandle Handle => _socket;

    /// <summary>The socket's address: what it changes is told with it.</summary>
    public unsafe uint Port
    {
        get
        {
            NetlinkAddress address = default;
            var length = sizeof(NetlinkAddress);
            SystemCallException.Check(
                Libc.SocketName(_socket, &address, &length), "cannot read a netlink socket's address");
            return address.Port;
        }
    }

    /// <summary>Opens a socket in the calling thread's namespace.</summary>
    public static NetlinkSocket Open() => new(OpenHandle(Libc.NetlinkRoute, []));

    /// <summary>Opens a socket in another namespace, by its path; null for the calling thread's.</summary>
    public static NetlinkSocket Open(string? namespacePath) =>
        namespacePath is null ? Open() : NetworkNamespace.Run(namespacePath, Open);

    /// <summary>Opens a socket of nfnetlink in a namespace, by its path; null for the calling thread's.</summary>
    public static NetlinkSocket OpenNetfilter(string? namespacePath) => Open(Libc.NetlinkNetfilter, namespacePath);

    /// <summary>Opens a socket of generic netlink in a namespace, by its path; null for the calling
    /// thread's.</summary>
    public static NetlinkSocket OpenGeneric(string? namespacePath) => Open(Libc.NetlinkGeneric, namespacePath);

    private static NetlinkSocket Open(int protocol, string? namespacePath) => namespacePath is null
        ? new(OpenHandle(protocol, []))
        : NetworkNamespace.Run(namespacePath, () => new NetlinkSocket(OpenHandle(protocol, [])));

    internal static unsafe SafeFileHandle OpenHandle(int protocol, ReadOnlySpan<int> groups)
    {
        var socket = Libc.Socket(Libc.AddressFamilyNetlink, Libc.SocketRaw | Libc.SocketCloseOnExec, protocol);
        if (socket.IsInvalid) throw SystemCallException.FromLast("cannot open a netlink socket");
        Enable(socket, Libc.NetlinkCapAck);
        Enable(socket, Libc.NetlinkExtendedAck);
        // Netfilter's subsystems know no strict checking; kernels before 4.20 know none at all.
        if (protocol == Libc.NetlinkRoute) Enable(socket, Libc.NetlinkStrictCheck);
        var size = ReceiveBufferBytes;
        _ = Libc.SetOption(socket, Libc.LevelSocket, Libc.ReceiveBufferForce, &size, sizeof(int));
        var address = new NetlinkAddress { AddressFamily = Libc.AddressFamilyNetlink };
        SystemCallException.Check(
            Libc.Bind(socket, &address, sizeof(NetlinkAddress)), "cannot bind a netlink socket");
        foreach (var group in groups)
        {
            SystemCallException.Check(
                Libc.SetOption(socket, Libc.LevelNetlink, Libc.NetlinkAddMembership, &group, sizeof(int)),
                $"cannot listen to netlink group {group}");
        }
        return socket;
    }

    /// <summary>
    /// Reads all entries of a kind. A dump that changes under the reading is started again.
    /// Throws <see cref="NetlinkException"/>.
    /// </summary>
    /// <param name="what">Names the request in an error: <c>cannot list routes</c>.</param>
    public List<T> Dump<T>(string what, Action<NetlinkWriter> request, NetlinkParser<T> parse) where T : class
    {
        lock (_lock)
        {
            for (var attempt = 0; attempt < DumpAttempts; attempt++)
            {
                var results = new List<T>();
                if (Exchange(what, request, parse, results)) return results;
            }
        }
        throw new NetlinkException($"{what}: the kernel's table kept changing while it was read");
    }

    /// <summary>Asks for one entry. Throws <see cref="NetlinkException"/>, also when there is none.</summary>
    public T Ask<T>(string what, Action<NetlinkWriter> request, NetlinkParser<T> parse) where T : class
    {
        var results = new List<T>();
        lock (_lock) Exchange(what, request, parse, results);
        return results.Count > 0 ? results[0] : throw new NetlinkException($"{what}: the kernel gave no answer");
    }

    /// <summary>Carries one request out. Throws <see cref="NetlinkException"/>.</summary>
    public void Execute(string what, Action<NetlinkWriter> request)
    {
        lock (_lock) Exchange<string>(what, request, static _ => null, []);
    }

    /// <summary>
    /// Carries requests out in order, whatever becomes of each; the errors by the request's number in the
    /// batch.
    /// </summary>
    public IReadOnlyList<(int Message, NetlinkAck Ack)> Execute(NetlinkBatch batch)
    {
        var failures = new List<(int, NetlinkAck)>();
        lock (_lock)
        {
            for (var first = 0; first < batch.Count; first += ChunkMessages)
                SendChunk(batch, first, Math.Min(first + ChunkMessages, batch.Count), failures);
        }
        return failures;
    }

    /// <summary>How many transactions were carried out.</summary>
    public uint Commits { get; private set; }

    /// <summary>
    /// Carries the messages of a transaction out, all or none. Throws <see cref="NetlinkException"/> with the
    /// first thing that the kernel refused.
    /// </summary>
    public unsafe void Commit(string what, NetlinkWriter transaction)
    {
        lock (_lock)
        {
            _sequence += (uint)transaction.Number(0, _sequence + 1);
            var room = transaction.Length + 4096;
            // Refused without privilege; then the transaction must fit into what there is.
            _ = Libc.SetOption(_socket, Libc.LevelSocket, Libc.SendBufferForce, &room, sizeof(int));
            Send(transaction.Written);
            // The kernel is done when the call returns: what it refused waits to be read, and nothing else.
            var (refused, failure) = (false, default(NetlinkAck));
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                while (TryReceive(buffer, out var count))
                {
                    var reader = new NetlinkReader(buffer.AsSpan(0, count));
                    while (reader.TryRead(out var message))
                    {
                        if (refused || message.Type != NetlinkType.Error) continue;
                        failure = NetlinkAck.Read(message);
                        refused = failure.Error != 0;
                    }
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            if (refused) throw new NetlinkException(what, failure);
            Commits++;
        }
    }

    public void Dispose() => _socket.Dispose();

    private void SendChunk(NetlinkBatch batch, int first, int end, List<(int, NetlinkAck)> failures)
    {
        var firstSequence = _sequence + 1;
        for (var i = first; i < end; i++)
            // Success is told once, by the last: the kernel works through them in order. Failures always
            // tell.
            batch.Writer.Seal(batch.Offset(i), ++_sequence, acknowledge: i == end - 1);
        Send(batch.Writer.Written[batch.Offset(first)..batch.Offset(end)]);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                var reader = new NetlinkReader(Receive(buffer));
                while (reader.TryRead(out var message))
                {
                    if (message.Type != NetlinkType.Error) continue;
                    var ack = NetlinkAck.Read(message);
                    if (ack.Error != 0) failures.Add((first + (int)(message.Sequence - firstSequence), ack));
                    if (message.Sequence == _sequence) return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>One request and all its answers; false when a dump was interrupted.</summary>
    private bool Exchange<T>(
        string what, Action<NetlinkWriter> request, NetlinkParser<T> parse, List<T> results) where T : class
    {
        _writer.Clear();
        request(_writer);
        _writer.SetSequence(0, ++_sequence);
        Send(_writer.Written);
        var (whole, failure) = (true, default(NetlinkAck));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var last = false; !last;)
            {
                var reader = new NetlinkReader(Receive(buffer));
                while (reader.TryRead(out var message))
                {
                    // What is left of an exchange that a parser broke off.
                    if (message.Sequence != _sequence) continue;
                    whole &= !message.Flags.HasFlag(NetlinkFlags.DumpInterrupted);
                    if (message.Type is NetlinkType.Error or NetlinkType.Done)
                    {
                        failure = NetlinkAck.Read(message);
                        last = true;
                    }
                    else
                    {
                        if (parse(message.Payload) is { } result) results.Add(result);
                        last = !message.Flags.HasFlag(NetlinkFlags.Multi);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return failure.Error == 0 ? whole : throw new NetlinkException(what, failure);
    }

    private unsafe void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            while (Libc.Send(_socket, pointer, (nuint)bytes.Length, 0) < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                if (error != Errno.Interrupted) throw new SystemCallException("cannot send to the kernel", error);
            }
        }
    }

    private unsafe bool TryReceive(byte[] buffer, out int count)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                count = (int)Libc.Receive(_socket, pointer, (nuint)buffer.Length, Libc.DoNotWait);
                if (count >= 0) return true;
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.Again) return false;
                if (error != Errno.Interrupted) throw new SystemCallException("cannot receive from the kernel", error);
            }
        }
    }

    private ReadOnlySpan<byte> Receive(byte[] buffer) => Receive(_socket, buffer);

    internal static unsafe ReadOnlySpan<byte> Receive(SafeHandle socket, byte[] buffer)
    {
        fixed (byte* pointer = buffer)
        {
            while (true)
            {
                var count = Libc.Receive(socket, pointer, (nuint)buffer.Length, Libc.MessageTruncated);
                if (count > buffer.Length)
                    throw new NetlinkFormatException($"a datagram of {count} bytes is larger than any of rtnetlink's");
                if (count >= 0) return buffer.AsSpan(0, (int)count);
                var error = Marshal.GetLastPInvokeError();
                if (error != Errno.Interrupted) throw new SystemCallException("cannot receive from the kernel", error);
            }
        }
    }

    private static unsafe void Enable(SafeHandle socket, int option)
    {
        var on = 1;
        _ = Libc.SetOption(socket, Libc.LevelNetlink, option, &on, sizeof(int));
    }
}
