namespace Causeway.Core.Wire.Dns;

public readonly record struct DnsQuestion(DnsName Name, DnsType Type, DnsClass Class = DnsClass.IN)
{
    public override string ToString() => $"{Name} {Class.Word()} {Type.Word()}";
}

/// <param name="Ttl">Seconds.</param>
public readonly record struct DnsRecord(DnsName Name, DnsType Type, DnsClass Class, uint Ttl, DnsData Data)
{
    public DnsRecord(DnsName name, DnsType type, uint ttl, DnsData data) : this(name, type, DnsClass.IN, ttl, data) { }

    /// <summary>The line of a zone file (RFC 1035 section 5), or for opaque types RFC 3597's.</summary>
    public override string ToString() => $"{Name} {Ttl} {Class.Word()} {Type.Word()} {DnsDataText.Print(Type, Data)}";
}
