using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Causeway.Core.Wire.Dns;

/// <summary>The data of records as zone files and <c>dig</c> write it.</summary>
public static class DnsDataText
{
    public static string Print(DnsType type, DnsData data)
    {
        var layout = DnsDataLayout.Of(type);
        if (layout.Names == 0 && !layout.Fits(data.Bytes)) return Opaque(data.Bytes);
        return type switch
        {
            DnsType.A or DnsType.AAAA => data.Address.ToString(),
            DnsType.CNAME or DnsType.NS or DnsType.PTR or DnsType.DNAME => data.NameAt(0).ToString(),
            DnsType.MX or DnsType.AFSDB or DnsType.KX => $"{Number(data, 0)} {data.NameAt(2)}",
            DnsType.SRV => $"{Number(data, 0)} {Number(data, 2)} {Number(data, 4)} {data.NameAt(6)}",
            DnsType.SOA when data.Soa is { } soa => string.Create(
                CultureInfo.InvariantCulture,
                $"{soa.Server} {soa.Mailbox} {soa.Serial} {soa.Refresh} {soa.Retry} {soa.Expire} {soa.Minimum}"),
            DnsType.TXT or DnsType.HINFO => Strings(data.Bytes),
            _ => Opaque(data.Bytes),
        };
    }

    private static ushort Number(DnsData data, int offset) => BinaryPrimitives.ReadUInt16BigEndian(data.Bytes[offset..]);

    private static string Strings(ReadOnlySpan<byte> data)
    {
        StringBuilder text = new();
        for (; !data.IsEmpty; data = data[(data[0] + 1)..])
        {
            text.Append(text.Length > 0 ? " \"" : "\"");
            foreach (var b in data.Slice(1, data[0])) DnsNameText.PrintByte(text, b, "\"\\");
            text.Append('"');
        }
        return text.ToString();
    }

    private static string Opaque(ReadOnlySpan<byte> data) => data.IsEmpty
        ? "\\# 0"
        : string.Create(CultureInfo.InvariantCulture, $"\\# {data.Length} {Convert.ToHexString(data)}");
}
