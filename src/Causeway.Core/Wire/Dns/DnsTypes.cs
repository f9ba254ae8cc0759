using System.Globalization;

namespace Causeway.Core.Wire.Dns;

/// <summary>The type of a record (RFC 1035 section 3.2.2 and its successors). Other numbers are legal, and opaque.</summary>
public enum DnsType : ushort
{
    A = 1,
    NS = 2,
    CNAME = 5,
    SOA = 6,
    PTR = 12,
    HINFO = 13,
    MX = 15,
    TXT = 16,
    RP = 17,
    AFSDB = 18,
    AAAA = 28,
    SRV = 33,
    NAPTR = 35,
    KX = 36,
    DNAME = 39,
    OPT = 41,
    DS = 43,
    RRSIG = 46,
    NSEC = 47,
    DNSKEY = 48,
    SVCB = 64,
    HTTPS = 65,
    TSIG = 250,
    IXFR = 251,
    AXFR = 252,
    ANY = 255,
    CAA = 257,
}

public enum DnsClass : ushort
{
    IN = 1,
    CH = 3,
    HS = 4,
    NONE = 254,
    ANY = 255,
}

public enum DnsOpcode : byte
{
    Query = 0,
    Status = 2,
    Notify = 4,
    Update = 5,
}

/// <summary>The outcome of a query; above 15 it needs EDNS (RFC 6891 section 6.1.3).</summary>
public enum DnsRcode : ushort
{
    NOERROR = 0,
    FORMERR = 1,
    SERVFAIL = 2,
    NXDOMAIN = 3,
    NOTIMP = 4,
    REFUSED = 5,
    NOTAUTH = 9,
    NOTZONE = 10,
    BADVERS = 16,
}

/// <summary>The single bits of a header, where they stand in its second 16 bits.</summary>
[Flags]
public enum DnsFlags : ushort
{
    None = 0,

    /// <summary>QR: this is an answer.</summary>
    Response = 0x8000,

    /// <summary>AA.</summary>
    Authoritative = 0x0400,

    /// <summary>TC: there is more than fits here.</summary>
    Truncated = 0x0200,

    /// <summary>RD.</summary>
    RecursionDesired = 0x0100,

    /// <summary>RA.</summary>
    RecursionAvailable = 0x0080,

    /// <summary>AD.</summary>
    AuthenticData = 0x0020,

    /// <summary>CD.</summary>
    CheckingDisabled = 0x0010,
}

/// <summary>Types, classes and outcomes as <c>dig</c> writes them.</summary>
public static class DnsWords
{
    public static string Word(this DnsType type) => Enum.IsDefined(type) ? type.ToString() : $"TYPE{(ushort)type}";

    public static string Word(this DnsClass kind) => Enum.IsDefined(kind) ? kind.ToString() : $"CLASS{(ushort)kind}";

    public static string Word(this DnsRcode rcode) => Enum.IsDefined(rcode) ? rcode.ToString() : $"RCODE{(ushort)rcode}";

    /// <summary>A type's name in any case, or <c>TYPE12345</c> (RFC 3597 section 5).</summary>
    public static bool TryParseType(ReadOnlySpan<char> text, out DnsType type)
    {
        if (text.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase)
            && ushort.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            type = (DnsType)number;
            return true;
        }
        type = default;
        return text.Length > 0 && char.IsAsciiLetter(text[0]) && Enum.TryParse(text, ignoreCase: true, out type)
            && Enum.IsDefined(type);
    }
}
