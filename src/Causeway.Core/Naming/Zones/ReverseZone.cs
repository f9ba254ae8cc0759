using System.Collections.Immutable;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>The names of services' and endpoints' addresses, below <c>in-addr.arpa.</c>, <c>ip6.arpa.</c> or a part of
/// them.</summary>
/// <param name="apex">The reverse zone.</param>
/// <param name="settings">Of the zone whose names are told.</param>
public sealed class ReverseZone(NameIndex index, DnsName apex, ZoneSettings settings) : IZone
{
    public DnsName Apex => apex;

    public DnsRecord Soa => ZoneAuthority.Soa(apex, settings.Ttl, index.Serial);

    public ZoneAnswer Answer(DnsQuestion question)
    {
        if (question.Name == apex)
            return question.Type == DnsType.SOA
                ? ZoneAnswer.Of([Soa with { Name = question.Name }], "the start of the zone")
                : ZoneAnswer.NoData("the zone's top has an SOA record only");
        if (!ReverseName.TryRead(question.Name, out var address))
            return ZoneAnswer.NoSuchName($"{question.Name} is not the name of an address");
        var names = Names(address);
        if (names.Count == 0) return ZoneAnswer.NoSuchName($"no service and no ready endpoint has the address {address}");
        var origin = string.Join(", ", names.Select(n => n.Owner.ToString()).Distinct());
        return question.Type == DnsType.PTR
            ? ZoneAnswer.Of(
                [.. names.Select(n => new DnsRecord(question.Name, DnsType.PTR, settings.Ttl, DnsData.Of(n.Name)))],
                $"{address} is the address of this", origin)
            : ZoneAnswer.NoData("an address has a PTR record only", origin);
    }

    public IEnumerable<DnsRecord> Records() =>
        from address in index.Addresses.Order()
        let name = ReverseName.Of(address)
        where name.IsWithin(apex)
        from named in Names(address)
        select new DnsRecord(name, DnsType.PTR, settings.Ttl, DnsData.Of(named.Name));

    /// <summary>A cluster IP names its service; else each endpoint with the address has its own name.</summary>
    private List<(DnsName Name, ServiceEntry Owner)> Names(IpAddress address)
    {
        var services = index.ServicesAt(address).OrderBy(s => s.Namespace, StringComparer.Ordinal)
            .ThenBy(s => s.Name, StringComparer.Ordinal).ToList();
        if (services.Find(s => s.Addresses.Contains(address)) is { } owner)
            return [(ZoneServices.NameOf(owner, settings.Apex), owner)];
        List<(DnsName, ServiceEntry)> names = [];
        foreach (var service in services)
            foreach (var endpoint in service.Slices.SelectMany(s => s.Endpoints).Where(e => e.Address == address))
            {
                var label = Encoding.ASCII.GetBytes(endpoint.Label(settings.EndpointPodNames));
                if (ZoneServices.NameOf(service, settings.Apex).TryPrepend(label, out var name)) names.Add((name, service));
            }
        return [.. names.DistinctBy(n => n.Item1)];
    }
}
