using System.Buffers.Binary;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>What stands at the top of each of our zones.</summary>
internal static class ZoneAuthority
{
    private const uint Refresh = 7200;
    private const uint Retry = 1800;
    private const uint Expire = 86400;

    /// <param name="ttl">Of the record, and how long an absence may be remembered, in seconds.</param>
    public static DnsRecord Soa(DnsName apex, uint ttl, uint serial) => new(
        apex, DnsType.SOA, ttl,
        DnsData.Of(new DnsSoa(Server(apex), Mailbox(apex), serial, Refresh, Retry, Expire, ttl)));

    /// <summary>An SOA's last 16 bytes: refresh, retry, expire and minimum.</summary>
    public static void WriteTimes(Span<byte> bytes, uint ttl)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Refresh);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Retry);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], Expire);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], ttl);
    }

    public static DnsName Server(DnsName apex) => Below(apex, "ns.dns");

    /// <summary>Throws when it grows too long: an apex is checked before it becomes one.</summary>
    public static DnsName Below(DnsName apex, string relative) => DnsName.Parse(relative).TryAppend(apex, out var name)
        ? name
        : throw new InvalidOperationException($"{relative}.{apex} has more than {DnsName.MaxBytes} bytes");

    private static DnsName Mailbox(DnsName apex) => Below(apex, "hostmaster");
}
