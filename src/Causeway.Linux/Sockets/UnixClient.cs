using System.Runtime.InteropServices;
using System.Text;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Sockets;

/// <summary>
/// A connection to a Unix stream socket, with blocking calls and nothing else: the framework's socket starts
/// a thread for events that a program of a few milliseconds never has. Throws
/// <see cref="SystemCallException"/>.
/// </summary>
public sealed class UnixClient : IDisposable
{
    private const int PathBytes = 108;

    private readonly SafeFileHandle _socket;

    private UnixClient(SafeFileHandle socket) => _socket = socket;

    public static unsafe UnixClient Connect(string path)
    {
        var name = Encoding.UTF8.GetBytes(path);
        if (name.Length >= PathBytes)
            throw new SystemCallException(
                $"the socket's path '{path}' is longer than {PathBytes - 1} bytes", Errno.Invalid);
        var socket = Libc.Socket(Libc.AddressFamilyUnix, Libc.SocketStream | Libc.SocketCloseOnExec, 0);
        if (socket.IsInvalid) throw SystemCallException.FromLast("cannot open a socket");
        var address = stackalloc byte[2 + PathBytes];
        *(ushort*)address = Libc.AddressFamilyUnix;
        name.CopyTo(new Span<byte>(address + 2, PathBytes));
        if (Libc.Connect(socket, address, 2 + name.Length + 1) == 0) return new UnixClient(socket);
        var failure = SystemCallException.FromLast($"cannot connect to '{path}'");
        socket.Dispose();
        throw failure;
    }

    /// <summary>Sends all of it.</summary>
    public unsafe void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var count = Libc.Send(_socket, pointer + sent, (nuint)(bytes.Length - sent), Libc.NoSignal);
                if (count >= 0) sent += (int)count;
                else if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
                    throw SystemCallException.FromLast("cannot send");
            }
        }
    }

    /// <summary>Waits for bytes; 0 when the other side has closed.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public unsafe int Receive(Span<byte> buffer, TimeSpan patience)
    {
        var waited = new PollDescriptor
        {
            Descriptor = (int)_socket.DangerousGetHandle(), Events = PollDescriptor.Readable,
        };
        var ready = Libc.Poll(&waited, 1, (int)Math.Max(0, patience.TotalMilliseconds));
        if (ready == 0) throw new TimeoutException();
        if (ready < 0) throw SystemCallException.FromLast("cannot wait for an answer");
        fixed (byte* pointer = buffer)
        {
            var count = Libc.Receive(_socket, pointer, (nuint)buffer.Length, 0);
            return count >= 0 ? (int)count : throw SystemCallException.FromLast("cannot receive");
        }
    }

    public void Dispose() => _socket.Dispose();
}
