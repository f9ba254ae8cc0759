using System.Collections.Immutable;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>
/// The names below a cluster's domain (Kubernetes DNS specification 1.1.0): pure but for the index that it reads. The
/// same rules answer a question with the reason (<see cref="Answer"/>) and without allocation
/// (<see cref="TryAnswer"/>).
/// </summary>
/// <param name="local">The addresses that this server is reached at by its service; they tell its own name.</param>
public sealed partial class ClusterZone(NameIndex index, ZoneSettings settings, IReadOnlyList<IpAddress> local) : IZone
{
    /// <summary>The version of the specification, which <c>dns-version</c> tells.</summary>
    public const string SpecificationVersion = "1.1.0";

    private const uint VersionTtl = 28800;

    private readonly ZoneServices _services = new(settings);

    public DnsName Apex => settings.Apex;

    public DnsRecord Soa => ZoneAuthority.Soa(Apex, settings.Ttl, index.Serial);

    public ZoneAnswer Answer(DnsQuestion question)
    {
        if (!question.Name.IsWithin(Apex))
            return ZoneAnswer.NoSuchName($"{question.Name} is not below {Apex}");
        var lower = question.Name.ToLower();
        var name = ZoneName.Read(lower.Wire[..^Apex.Wire.Length]);
        return name.Kind switch
        {
            NameKind.Apex => OfApex(question),
            NameKind.Version => OfVersion(question),
            NameKind.NameServer => OfNameServer(question),
            NameKind.Branch => ZoneAnswer.NoData("names stand below this one, and no record on it"),
            NameKind.Namespace => OfNamespace(name),
            NameKind.Pod => OfPod(question, name),
            NameKind.Nothing => ZoneAnswer.NoSuchName(
                $"no service or pod can have this name: below {Apex} stand SERVICE.NAMESPACE.svc and what is below that"),
            _ => OfService(question, name),
        };
    }

    private ZoneAnswer OfService(DnsQuestion question, in ZoneName name)
    {
        if (index.TryService(name.Service, out var entry)) return _services.Answer(entry, question, name);
        var service = Text(name.Service.Slice(1, name.Service[0]));
        var ns = Text(name.Namespace[1..]);
        return index.HasNamespace(name.Namespace)
            ? ZoneAnswer.NoSuchName($"namespace {ns} has no service {service}", $"Namespace {ns}")
            : ZoneAnswer.NoSuchName($"there is no namespace {ns}");
    }

    private ZoneAnswer OfNamespace(in ZoneName name)
    {
        var ns = Text(name.Namespace[1..]);
        if (name.IsPodNamespace && settings.Pods == PodNames.Disabled)
            return ZoneAnswer.NoSuchName("names of pods are disabled");
        return index.HasNamespace(name.Namespace)
            ? ZoneAnswer.NoData($"namespace {ns} is there, but a namespace has no record", $"Namespace {ns}")
            : ZoneAnswer.NoSuchName($"there is no namespace {ns}");
    }

    private ZoneAnswer OfPod(DnsQuestion question, in ZoneName name)
    {
        if (settings.Pods == PodNames.Disabled) return ZoneAnswer.NoSuchName("names of pods are disabled");
        var ns = Text(name.Namespace[1..]);
        if (!index.HasNamespace(name.Namespace)) return ZoneAnswer.NoSuchName($"there is no namespace {ns}");
        if (!EndpointEntry.TryReadAddress(name.First, out var address))
            return ZoneAnswer.NoSuchName($"'{Text(name.First)}' is not an address with dashes");
        if (settings.Pods == PodNames.Verified && !index.HasPod(ns, address))
            return ZoneAnswer.NoSuchName($"no pod of namespace {ns} has the address {address}", $"Namespace {ns}");
        var why = settings.Pods == PodNames.Verified
            ? $"a pod of namespace {ns} has this address"
            : "the address stands in the name; whether there is such a pod was not asked (pods insecure)";
        return ZoneAnswer.Of(Addresses(question, settings.Ttl, [address]), why, $"Namespace {ns}");
    }

    private ZoneAnswer OfVersion(DnsQuestion question) => question.Type == DnsType.TXT
        ? ZoneAnswer.Of(
            [new(question.Name, DnsType.TXT, VersionTtl, DnsData.Text(SpecificationVersion))],
            "the version of the specification that this server follows")
        : ZoneAnswer.NoData("this name has a TXT record only");

    private ZoneAnswer OfApex(DnsQuestion question)
    {
        if (question.Type == DnsType.SOA) return ZoneAnswer.Of([Soa with { Name = question.Name }], "the start of the zone");
        if (question.Type != DnsType.NS) return ZoneAnswer.NoData("the domain itself has SOA and NS records only");
        var servers = NameServers();
        return new(
            DnsRcode.NOERROR,
            [.. servers.Select(s => new DnsRecord(question.Name, DnsType.NS, settings.Ttl, DnsData.Of(s.Name)))],
            [.. servers.SelectMany(s => Records(s.Name, settings.Ttl, s.Addresses))],
            "this server, by its service's name");
    }

    private ZoneAnswer OfNameServer(DnsQuestion question) => ZoneAnswer.Of(
        Addresses(question, settings.Ttl, [.. NameServers().SelectMany(s => s.Addresses)]),
        "this server's own addresses");

    /// <summary>The services in front of this server; else <c>ns.dns</c> with its own addresses.</summary>
    private List<(DnsName Name, ImmutableArray<IpAddress> Addresses)> NameServers()
    {
        List<(DnsName, ImmutableArray<IpAddress>)> servers =
        [
            .. local.SelectMany(index.ServicesAt).DistinctBy(s => s.Name + "/" + s.Namespace)
                .Where(s => !s.Addresses.IsEmpty)
                .Select(s => (ZoneServices.NameOf(s, Apex), s.Addresses)),
        ];
        if (servers.Count == 0) servers.Add((ZoneAuthority.Server(Apex), [.. local]));
        return servers;
    }

    internal static ImmutableArray<DnsRecord> Addresses(
        DnsQuestion question, uint ttl, IEnumerable<IpAddress> addresses) =>
        [.. Records(question.Name, ttl, addresses).Where(r => r.Type == question.Type)];

    internal static IEnumerable<DnsRecord> Records(DnsName name, uint ttl, IEnumerable<IpAddress> addresses) =>
        addresses.Select(a => new DnsRecord(name, TypeOf(a.Family), ttl, DnsData.Of(a)));

    internal static DnsType TypeOf(IpFamily family) => family == IpFamily.V4 ? DnsType.A : DnsType.AAAA;

    internal static string Text(ReadOnlySpan<byte> label) => Encoding.Latin1.GetString(label);
}
