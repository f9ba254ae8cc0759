using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Causeway.Core.Addressing;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Sockets;

/// <summary>
/// A UDP port that takes and answers many datagrams in one system call. Several sockets may share the port: the kernel
/// spreads clients over them. One thread receives and answers; any thread may answer later. Throws
/// <see cref="SystemCallException"/>.
/// </summary>
public sealed unsafe class DatagramSocket : IDisposable
{
    /// <summary>Datagrams in one batch.</summary>
    public const int Slots = 64;

    /// <summary>How long a receiver waits before it looks whether to go on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private const int RequestBytes = 2048;
    private const int SlotBytes = RequestBytes + DatagramPeer.AddressBytes + 4 + DatagramPeer.ControlBytes;

    private readonly SafeFileHandle _socket;
    private readonly int _replyBytes;
    private readonly byte* _memory;
    private readonly MessageSlot* _received;
    private readonly MessageSlot* _answers;
    private readonly MessagePart* _parts;
    private readonly byte* _replies;
    private int _filled;
    private int _answerCount;

    private DatagramSocket(SafeFileHandle socket, int replyBytes)
    {
        (_socket, _replyBytes) = (socket, replyBytes);
        var total = Slots * (2 * sizeof(MessageSlot) + 2 * sizeof(MessagePart) + SlotBytes + replyBytes);
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)total);
        _received = (MessageSlot*)_memory;
        _answers = _received + Slots;
        _parts = (MessagePart*)(_answers + Slots);
        var slots = (byte*)(_parts + 2 * Slots);
        _replies = slots + Slots * SlotBytes;
        for (var i = 0; i < Slots; i++)
        {
            var slot = slots + i * SlotBytes;
            _parts[i] = new() { Bytes = slot, Length = RequestBytes };
            _received[i].Parts = &_parts[i];
            _received[i].PartCount = 1;
            _received[i].Address = slot + RequestBytes;
            _received[i].Control = slot + RequestBytes + DatagramPeer.AddressBytes + 4;
            MakeRoom(ref _received[i]);
        }
    }

    /// <summary>Binds; shares the port with others that this program opens.</summary>
    /// <param name="address">Null: all addresses of both families.</param>
    /// <param name="port">0: any free one.</param>
    /// <param name="replyBytes">The largest answer.</param>
    public static DatagramSocket Open(IpAddress? address, ushort port, int replyBytes)
    {
        var where = $"{address?.ToString() ?? "*"}:{port}/udp";
        var family = address?.Family ?? IpFamily.V6;
        var socket = Create(family);
        if (socket.IsInvalid && address is null)
        {
            // A kernel without IPv6.
            socket.Dispose();
            family = IpFamily.V4;
            socket = Create(family);
        }
        if (socket.IsInvalid) throw SystemCallException.FromLast($"cannot open a socket for {where}");
        try
        {
            Set(socket, Libc.LevelSocket, Libc.ReusePort, 1);
            if (family == IpFamily.V6) Set(socket, Libc.LevelV6, Libc.V6Only, address is null ? 0 : 1);
            if (family == IpFamily.V6) Set(socket, Libc.LevelV6, Libc.V6ReceivePacketInfo, 1);
            else Set(socket, Libc.LevelV4, Libc.V4PacketInfo, 1);
            // What the kernel holds while we are busy; it gives less where its limit is lower.
            Set(socket, Libc.LevelSocket, Libc.ReceiveBuffer, 4 << 20);
            Set(socket, Libc.LevelSocket, Libc.SendBuffer, 4 << 20);
            TimeValue patience = new() { Microseconds = (long)Patience.TotalMicroseconds };
            if (Libc.SetOption(socket, Libc.LevelSocket, Libc.ReceiveTimeout, &patience, sizeof(TimeValue)) < 0)
                throw SystemCallException.FromLast("cannot set a socket's patience");
            Bind(socket, address ?? IpAddress.Any(family), port, where);
            return new(socket, replyBytes);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The port that it is bound to.</summary>
    public ushort Port
    {
        get
        {
            var address = stackalloc byte[DatagramPeer.AddressBytes];
            var length = DatagramPeer.AddressBytes;
            SystemCallException.Check(Libc.SocketName(_socket, address, &length), "cannot read the socket's port");
            return BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(address + 2, 2));
        }
    }

    /// <summary>Returns how many datagrams came; 0 when none did.</summary>
    /// <param name="wait">Waits for the first, for <see cref="Patience"/> at most.</param>
    public int Receive(bool wait)
    {
        // The kernel wrote to those slots alone that it filled.
        for (var i = 0; i < _filled; i++) MakeRoom(ref _received[i]);
        _filled = 0;
        var count = Libc.ReceiveMany(_socket, _received, Slots, wait ? Libc.WaitForOne : Libc.DoNotWait, 0);
        if (count >= 0) return _filled = count;
        return Marshal.GetLastPInvokeError() is Errno.Again or Errno.Interrupted
            ? 0
            : throw SystemCallException.FromLast("cannot receive");
    }

    /// <summary>A datagram of the last batch; cut at 2,048 bytes.</summary>
    public ReadOnlySpan<byte> Request(int slot) => new(_parts[slot].Bytes, (int)_received[slot].Length);

    public DatagramPeer Peer(int slot)
    {
        DatagramPeer peer = default;
        ref var received = ref _received[slot];
        new ReadOnlySpan<byte>(received.Address, DatagramPeer.AddressBytes)
            .CopyTo(new Span<byte>(peer.SocketAddress, DatagramPeer.AddressBytes));
        peer.SocketAddressLength = (int)received.AddressLength;
        peer.ControlLength = (int)received.ControlLength;
        Span<byte> control = new(peer.Control, peer.ControlLength);
        new ReadOnlySpan<byte>(received.Control, peer.ControlLength).CopyTo(control);
        DatagramPeer.FreeDevice(control);
        return peer;
    }

    /// <summary>Room for the answer to a datagram of the last batch.</summary>
    public Span<byte> Reply(int slot) => new(_replies + slot * _replyBytes, _replyBytes);

    /// <summary>Puts what was written to <see cref="Reply"/> with the answers that <see cref="Send()"/> sends.</summary>
    public void Answer(int slot, int length)
    {
        ref var received = ref _received[slot];
        DatagramPeer.FreeDevice(new Span<byte>(received.Control, (int)received.ControlLength));
        var part = &_parts[Slots + _answerCount];
        *part = new() { Bytes = _replies + slot * _replyBytes, Length = (nuint)length };
        _answers[_answerCount++] = new()
        {
            Address = received.Address, AddressLength = received.AddressLength, Parts = part, PartCount = 1,
            Control = received.Control, ControlLength = received.ControlLength,
        };
    }

    /// <summary>Sends the answers of this batch. One that cannot be sent is left out: its client asks again.</summary>
    public void Send()
    {
        for (var sent = 0; sent < _answerCount;)
        {
            var count = Libc.SendMany(_socket, _answers + sent, (uint)(_answerCount - sent), 0);
            if (count > 0) sent += count;
            else if (Marshal.GetLastPInvokeError() != Errno.Interrupted) sent++;
        }
        _answerCount = 0;
    }

    /// <summary>Sends one answer, from any thread; false when the kernel refuses it.</summary>
    public bool Send(DatagramPeer peer, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            MessagePart part = new() { Bytes = pointer, Length = (nuint)bytes.Length };
            MessageSlot slot = new()
            {
                Address = peer.SocketAddress, AddressLength = (uint)peer.SocketAddressLength, Parts = &part,
                PartCount = 1, Control = peer.Control, ControlLength = (nuint)peer.ControlLength,
            };
            return Libc.SendMany(_socket, &slot, 1, 0) == 1;
        }
    }

    /// <summary>Call it when nobody receives and sends any more.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        NativeMemory.Free(_memory);
    }

    private static void MakeRoom(ref MessageSlot slot)
    {
        slot.AddressLength = DatagramPeer.AddressBytes;
        slot.ControlLength = DatagramPeer.ControlBytes;
    }

    private static SafeFileHandle Create(IpFamily family) => Libc.Socket(
        family == IpFamily.V4 ? Libc.AddressFamilyV4 : Libc.AddressFamilyV6,
        Libc.SocketDatagram | Libc.SocketCloseOnExec, 0);

    private static void Set(SafeFileHandle socket, int level, int option, int value)
    {
        if (Libc.SetOption(socket, level, option, &value, sizeof(int)) < 0)
            throw SystemCallException.FromLast($"cannot set option {level}/{option} of a socket");
    }

    private static void Bind(SafeFileHandle socket, IpAddress address, ushort port, string where)
    {
        var bytes = stackalloc byte[DatagramPeer.AddressBytes];
        Span<byte> name = new(bytes, DatagramPeer.AddressBytes);
        name.Clear();
        var isV4 = address.Family == IpFamily.V4;
        BitConverter.TryWriteBytes(name, (ushort)(isV4 ? Libc.AddressFamilyV4 : Libc.AddressFamilyV6));
        BinaryPrimitives.WriteUInt16BigEndian(name[2..], port);
        address.WriteBytes(name[(isV4 ? 4 : 8)..]);
        SystemCallException.Check(Libc.Bind(socket, bytes, isV4 ? 16 : DatagramPeer.AddressBytes), $"cannot listen on {where}");
    }
}
