using System.Collections.Immutable;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>What one service's names answer: its own, its ports' and its endpoints'.</summary>
internal sealed class ZoneServices(ZoneSettings settings)
{
    private const int WholeWeight = 100;

    public static DnsName NameOf(ServiceEntry entry, DnsName apex) =>
        ZoneAuthority.Below(apex, $"{entry.Name}.{entry.Namespace}.svc");

    public ZoneAnswer Answer(ServiceEntry entry, DnsQuestion question, in ZoneName name)
    {
        var origin = entry.ToString();
        if (entry.Kind == ServiceKind.ExternalName)
            return name.Kind == NameKind.Service
                ? ZoneAnswer.Of(
                    [new(question.Name, DnsType.CNAME, settings.Ttl, DnsData.Of(entry.ExternalName))],
                    $"an alias: spec.externalName is {entry.ExternalName}", origin)
                : ZoneAnswer.NoSuchName("a service of type ExternalName has no ports and endpoints", origin);
        if (IsAbsent(entry)) return ZoneAnswer.NoSuchName(Absence(entry), origin);
        return name.Kind switch
        {
            NameKind.Endpoint => OfEndpoint(entry, question, ClusterZone.Text(name.First)),
            NameKind.Protocol => OfProtocol(entry, ClusterZone.Text(name.Protocol)),
            NameKind.Port => OfPort(entry, question, ClusterZone.Text(name.First), ClusterZone.Text(name.Protocol)),
            _ => OfName(entry, question),
        };
    }

    /// <summary>Every record of the service's names, of its named ports' and of its endpoints'.</summary>
    public IEnumerable<DnsRecord> Records(ServiceEntry entry)
    {
        var own = NameOf(entry, settings.Apex);
        if (entry.Kind == ServiceKind.ExternalName)
            return [new(own, DnsType.CNAME, settings.Ttl, DnsData.Of(entry.ExternalName))];
        if (IsAbsent(entry)) return [];
        var ports =
            from port in PortsOf(entry).Where(p => p.Name.Length > 0).DistinctBy(p => (p.Name, p.Protocol))
            let name = Prepend($"_{port.Protocol}", own) is { } protocol ? Prepend($"_{port.Name}", protocol) : null
            where name is not null
            from record in Srv(entry, new(name.Value, DnsType.SRV), Targets(entry, port.Name, port.Protocol)).Answers
            select record;
        var endpoints =
            from endpoint in entry.Slices.SelectMany(s => s.Endpoints)
            group endpoint.Address by endpoint.Label(settings.EndpointPodNames) into named
            let name = Prepend(named.Key, own)
            where name is not null
            from record in ClusterZone.Records(name.Value, settings.Ttl, named.Distinct())
            select record;
        return ClusterZone.Records(own, settings.Ttl, AddressesOf(entry)).Concat(ports).Concat(endpoints);
    }

    /// <summary>Whether the service has no name although it is there.</summary>
    public bool IsAbsent(ServiceEntry entry) =>
        entry.Kind == ServiceKind.Headless || settings.IgnoreEmptyServices ? !entry.HasEndpoints : false;

    private static string Absence(ServiceEntry entry) => entry.Kind == ServiceKind.Headless
        ? "a headless service has the addresses of its ready endpoints, and there is none"
        : "the service has no ready endpoint, and such services are ignored";

    private ZoneAnswer OfName(ServiceEntry entry, DnsQuestion question)
    {
        if (question.Type == DnsType.SRV) return Srv(entry, question, Targets(entry, null, null));
        return Addresses(entry, question, AddressesOf(entry), Basis(entry));
    }

    private ZoneAnswer OfPort(ServiceEntry entry, DnsQuestion question, string port, string protocol)
    {
        var targets = Targets(entry, port, protocol);
        if (targets.Count == 0)
            return ZoneAnswer.NoSuchName($"the service has no port named {port} over {protocol}", entry.ToString());
        return question.Type == DnsType.SRV
            ? Srv(entry, question, targets)
            : Addresses(entry, question, [.. targets.SelectMany(t => t.Addresses).Distinct()], Basis(entry));
    }

    private static ZoneAnswer OfProtocol(ServiceEntry entry, string protocol) =>
        PortsOf(entry).Any(p => p.Protocol == protocol && p.Name.Length > 0)
            ? ZoneAnswer.NoData("names of ports stand below this one, and no record on it", entry.ToString())
            : ZoneAnswer.NoSuchName($"the service has no named port over {protocol}", entry.ToString());

    private ZoneAnswer OfEndpoint(ServiceEntry entry, DnsQuestion question, string label)
    {
        List<Target> targets = [];
        var found = false;
        foreach (var slice in entry.Slices)
            foreach (var endpoint in slice.Endpoints.Where(e => e.Label(settings.EndpointPodNames) == label))
            {
                found = true;
                foreach (var port in slice.Ports.DefaultIfEmpty())
                    targets.Add(new(question.Name, [endpoint.Address], port.Port));
            }
        if (!found) return ZoneAnswer.NoSuchName($"the service has no ready endpoint named {label}", entry.ToString());
        return question.Type == DnsType.SRV
            ? Srv(entry, question, [.. Merge(targets).Where(t => t.Port > 0)])
            : Addresses(entry, question, [.. targets.SelectMany(t => t.Addresses).Distinct()], $"the ready endpoint {label}");
    }

    private ZoneAnswer Addresses(
        ServiceEntry entry, DnsQuestion question, ImmutableArray<IpAddress> addresses, string why)
    {
        var records = ClusterZone.Addresses(question, settings.Ttl, addresses);
        if (!records.IsEmpty) return ZoneAnswer.Of(records, why, entry.ToString());
        var absent = question.Type is DnsType.A or DnsType.AAAA
            ? $"the service has no {(question.Type == DnsType.A ? "IPv4" : "IPv6")} address"
            : $"the name is there, without a {question.Type.Word()} record";
        return ZoneAnswer.NoData(absent, entry.ToString());
    }

    private ZoneAnswer Srv(ServiceEntry entry, DnsQuestion question, List<Target> targets)
    {
        if (targets.Count == 0) return ZoneAnswer.NoData("the service has no ports", entry.ToString());
        var weight = (ushort)Math.Max(1, WholeWeight / targets.Count);
        return new(
            DnsRcode.NOERROR,
            [.. targets.Select(t => new DnsRecord(
                question.Name, DnsType.SRV, settings.Ttl, DnsData.Srv(0, weight, t.Port, t.Host)))],
            [.. targets.DistinctBy(t => t.Host).SelectMany(t => ClusterZone.Records(t.Host, settings.Ttl, t.Addresses))],
            Basis(entry), entry.ToString());
    }

    /// <summary>Who answers at a port; of any port where <paramref name="port"/> is null.</summary>
    private List<Target> Targets(ServiceEntry entry, string? port, string? protocol)
    {
        bool Wanted(NamedPort p) => port is null || (p.Name == port && p.Protocol == protocol);
        var own = NameOf(entry, settings.Apex);
        if (entry.Kind == ServiceKind.ClusterIp)
            return Merge(entry.Ports.Where(Wanted).Select(p => new Target(own, entry.Addresses, p.Port)));
        return Merge(
            from slice in entry.Slices
            from named in slice.Ports.Where(Wanted)
            from endpoint in slice.Endpoints
            let host = Prepend(endpoint.Label(settings.EndpointPodNames), own)
            where host is not null
            select new Target(host.Value, [endpoint.Address], named.Port));
    }

    /// <summary>One for each host and port, with all of the host's addresses, in the order that they came.</summary>
    private static List<Target> Merge(IEnumerable<Target> targets)
    {
        List<Target> merged = [];
        Dictionary<(DnsName, ushort), int> places = [];
        foreach (var target in targets)
        {
            if (places.TryAdd((target.Host, target.Port), merged.Count))
            {
                merged.Add(target);
                continue;
            }
            var at = places[(target.Host, target.Port)];
            merged[at] = target with { Addresses = [.. merged[at].Addresses.Union(target.Addresses)] };
        }
        return merged;
    }

    private static DnsName? Prepend(string label, DnsName name) =>
        name.TryPrepend(Encoding.ASCII.GetBytes(label), out var host) ? host : null;

    private static ImmutableArray<IpAddress> AddressesOf(ServiceEntry entry) => entry.Kind == ServiceKind.Headless
        ? [.. entry.Slices.SelectMany(s => s.Endpoints).Select(e => e.Address).Distinct()]
        : entry.Addresses;

    private static IEnumerable<NamedPort> PortsOf(ServiceEntry entry) => entry.Kind == ServiceKind.ClusterIp
        ? entry.Ports
        : entry.Slices.Where(s => s.Endpoints.Length > 0).SelectMany(s => s.Ports);

    private static string Basis(ServiceEntry entry) => entry.Kind == ServiceKind.Headless
        ? "a headless service: its ready endpoints"
        : "the service's cluster IP";

    private readonly record struct Target(DnsName Host, ImmutableArray<IpAddress> Addresses, ushort Port);
}
