using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Linux.Namespaces;

namespace Causeway.Linux.Netfilter;

/// <summary>
/// How much a table of legacy iptables holds. That kernel interface tells nobody of changes, so this is how one sees
/// at little cost that there was one (linux/netfilter_ipv4/ip_tables.h, IPT_SO_GET_INFO).
/// </summary>
public sealed class LegacyCounts : IDisposable
{
    private const int GetInfo = 64;
    private const int NameLength = 32;
    private const int InfoLength = 84;
    private const int EntriesAt = 76;

    private readonly Socket _socket;
    private readonly int _level;

    /// <param name="namespacePath">The network namespace; null for the calling thread's.</param>
    public LegacyCounts(IpFamily family, string? namespacePath)
    {
        _level = family == IpFamily.V4 ? 0 : 41;
        Socket Open() => new(
            family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6,
            SocketType.Raw, (ProtocolType)255);
        try
        {
            _socket = namespacePath is null ? Open() : NetworkNamespace.Run(namespacePath, Open);
        }
        catch (SocketException e)
        {
            throw new IOException($"cannot open a socket to watch iptables: {e.Message}", e);
        }
    }

    /// <summary>Entries and bytes of a table; null when the kernel does not say.</summary>
    public (uint Entries, uint Bytes)? Of(string table)
    {
        Span<byte> info = stackalloc byte[InfoLength];
        info.Clear();
        Encoding.ASCII.GetBytes(table, info[..(NameLength - 1)]);
        try
        {
            _socket.GetRawSocketOption(_level, GetInfo, info);
        }
        catch (SocketException)
        {
            return null;
        }
        return (Read(info[EntriesAt..]), Read(info[(EntriesAt + 4)..]));
    }

    public void Dispose() => _socket.Dispose();

    private static uint Read(ReadOnlySpan<byte> bytes) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
