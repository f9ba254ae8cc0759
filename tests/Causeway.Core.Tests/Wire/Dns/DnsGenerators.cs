using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Dns;

internal static class DnsGenerators
{
    private static readonly Gen<byte[]> Label =
        Gen.OneOf(Gen.Char["abXYZ-_."].Select(c => (byte)c), Gen.Byte).Array[1, 20];

    public static readonly Gen<DnsName> Name = Label.List[0, 6].Select(labels => labels.Aggregate(
        DnsName.Root, (name, label) => name.TryPrepend(label, out var longer) ? longer : name));

    private static readonly Gen<(DnsType, DnsData)> Data = Gen.OneOf(
        Gen.UInt.Select(v => (DnsType.A, DnsData.Of(IpAddress.V4(v)))),
        Gen.ULong.Select(v => (DnsType.AAAA, DnsData.Of(IpAddress.V6(v)))),
        Name.Select(n => (DnsType.CNAME, DnsData.Of(n))),
        Name.Select(n => (DnsType.PTR, DnsData.Of(n))),
        Gen.Select(Gen.UShort, Gen.UShort, Name, (w, p, n) => (DnsType.SRV, DnsData.Srv(0, w, p, n))),
        Gen.Select(Name, Name, Gen.UInt, (a, b, s) => (DnsType.SOA, DnsData.Of(new DnsSoa(a, b, s, 1, 2, 3, 4)))),
        Gen.String.Select(t => (DnsType.TXT, DnsData.Text(t))),
        Gen.Byte.Array[0, 40].Select(b => ((DnsType)65432, DnsData.FromWire(b))));

    public static readonly Gen<DnsRecord> Record = Gen.Select(
        Name, Data, Gen.UInt, (name, data, ttl) => new DnsRecord(name, data.Item1, ttl, data.Item2));

    private static readonly Gen<Edns?> Options = Gen.OneOf(
        Gen.Const((Edns?)null),
        Gen.Select(Gen.UShort, Gen.Bool, Gen.Byte.Array[0, 20], (size, secure, options) =>
            (Edns?)new Edns(size, 0, secure, DnsData.FromWire(options))));

    public static readonly Gen<DnsMessage> Message = Gen.Select(
        Gen.UShort, Name, Record.List[0, 8], Record.List[0, 3], Record.List[0, 5], Options, Gen.Int[0, 15],
        (id, name, answers, authority, additional, edns, rcode) => new DnsMessage
        {
            Id = id,
            Flags = DnsFlags.Response | DnsFlags.RecursionDesired,
            Rcode = edns is null ? (DnsRcode)rcode : (DnsRcode)(rcode * 17),
            Questions = [new(name, DnsType.A)],
            Answers = [.. answers],
            Authority = [.. authority],
            Additional = [.. additional],
            Edns = edns,
        });
}
