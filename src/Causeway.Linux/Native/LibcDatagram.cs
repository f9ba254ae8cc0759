using System.Runtime.InteropServices;

namespace Causeway.Linux.Native;

/// <summary>Many datagrams in one call: recvmmsg(2) and sendmmsg(2).</summary>
internal static unsafe partial class Libc
{
    public const int AddressFamilyV4 = 2;
    public const int AddressFamilyV6 = 10;
    public const int SocketDatagram = 2;
    public const int ReusePort = 15; // SO_REUSEPORT
    public const int ReceiveBuffer = 8; // SO_RCVBUF
    public const int SendBuffer = 7; // SO_SNDBUF
    public const int ReceiveTimeout = 20; // SO_RCVTIMEO
    public const int WaitForOne = 0x10000; // MSG_WAITFORONE
    public const int LevelV4 = 0;
    public const int LevelV6 = 41;
    public const int V4PacketInfo = 8; // IP_PKTINFO
    public const int V6ReceivePacketInfo = 49; // IPV6_RECVPKTINFO
    public const int V6PacketInfo = 50; // IPV6_PKTINFO
    public const int V6Only = 26; // IPV6_V6ONLY

    [LibraryImport(Name, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(SafeHandle socket, byte* address, int length);

    [LibraryImport(Name, EntryPoint = "getsockname", SetLastError = true)]
    public static partial int SocketName(SafeHandle socket, byte* address, int* length);

    [LibraryImport(Name, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(SafeHandle socket, int level, int option, TimeValue* value, int length);

    [LibraryImport(Name, EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(SafeHandle socket, MessageSlot* slots, uint count, int flags, nint timeout);

    [LibraryImport(Name, EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(SafeHandle socket, MessageSlot* slots, uint count, int flags);
}

/// <summary>struct mmsghdr: a struct msghdr and how many bytes came or went.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageSlot
{
    public byte* Address;
    public uint AddressLength;
    public MessagePart* Parts;
    public nuint PartCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
    private readonly int _padding;
    public uint Length;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessagePart
{
    public byte* Bytes;
    public nuint Length;
}

/// <summary>struct timeval.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeValue
{
    public long Seconds;
    public long Microseconds;
}
