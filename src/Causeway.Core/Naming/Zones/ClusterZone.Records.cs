using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

public sealed partial class ClusterZone
{
    public IEnumerable<DnsRecord> Records()
    {
        var nameServer = ZoneAuthority.Server(Apex);
        IEnumerable<DnsRecord> top =
        [
            .. OfApex(new(Apex, DnsType.NS)).Answers,
            .. Records(nameServer, settings.Ttl, NameServers().Where(s => s.Name == nameServer).SelectMany(s => s.Addresses)),
            .. OfVersion(new(ZoneAuthority.Below(Apex, "dns-version"), DnsType.TXT)).Answers,
        ];
        return top.Concat(index.Services
            .OrderBy(s => s.Namespace, StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal)
            .SelectMany(_services.Records));
    }
}
