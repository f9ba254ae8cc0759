namespace Causeway.Core.Wire.Dns;

/// <summary>
/// Where names stand in the data of a type, since they may be compressed there (RFC 3597 section 4), and what else must
/// hold of its bytes. Types without an entry are opaque.
/// </summary>
/// <param name="Before">Bytes before the names.</param>
/// <param name="After">Bytes after them.</param>
/// <param name="MayCompress">A writer may compress them: the types of RFC 1035 alone.</param>
internal readonly record struct DnsDataLayout(int Before, int Names, int After, bool MayCompress, DnsType Type)
{
    public static DnsDataLayout Of(DnsType type) => type switch
    {
        DnsType.NS or DnsType.CNAME or DnsType.PTR => new(0, 1, 0, true, type),
        DnsType.SOA => new(0, 2, 20, true, type),
        DnsType.MX => new(2, 1, 0, true, type),
        DnsType.DNAME => new(0, 1, 0, false, type),
        DnsType.RP => new(0, 2, 0, false, type),
        DnsType.AFSDB or DnsType.KX => new(2, 1, 0, false, type),
        DnsType.SRV => new(6, 1, 0, false, type),
        _ => new(0, 0, 0, false, type),
    };

    /// <summary>Whether data without names can be of this type.</summary>
    public bool Fits(ReadOnlySpan<byte> data) => Type switch
    {
        DnsType.A => data.Length == 4,
        DnsType.AAAA => data.Length == 16,
        DnsType.TXT or DnsType.HINFO => AreStrings(data),
        _ => true,
    };

    private static bool AreStrings(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return false;
        while (!data.IsEmpty)
        {
            if (data[0] >= data.Length) return false;
            data = data[(data[0] + 1)..];
        }
        return true;
    }
}
