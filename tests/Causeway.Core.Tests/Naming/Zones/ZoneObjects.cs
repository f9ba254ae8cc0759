using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Tests.Naming.Zones;

/// <summary>Objects and questions in few words.</summary>
internal static class ZoneObjects
{
    public static readonly ZoneSettings Settings = new(DnsName.Parse("cluster.local."), Ttl: 30);

    public static ClusterZone Zone(NameIndex index, ZoneSettings? settings = null, params string[] local) =>
        new(index, settings ?? Settings, [.. local.Select(a => IpAddress.Parse(a))]);

    public static NameIndex Index(params IEnumerable<KubeObject> objects)
    {
        NameIndex index = new();
        foreach (var item in objects) index.Set(item);
        return index;
    }

    public static Namespace Namespace(string name) => new() { Metadata = new() { Name = name } };

    public static Service Service(string ns, string name, string address, params string[] ports) => new()
    {
        Metadata = new() { Namespace = ns, Name = name },
        Spec = new() { ClusterIP = address.Split(',')[0], ClusterIPs = address.Split(','), Ports = [.. ports.Select(Port)] },
    };

    public static Service External(string ns, string name, string target) => new()
    {
        Metadata = new() { Namespace = ns, Name = name },
        Spec = new() { Type = Core.Cluster.Service.ExternalNameType, ExternalName = target },
    };

    /// <param name="endpoints">Each <c>ADDRESS</c>, <c>ADDRESS=HOSTNAME</c>, or with <c>!</c> before it: not ready.</param>
    public static EndpointSlice Slice(string ns, string service, string name, string[] ports, params string[] endpoints) => new()
    {
        Metadata = new()
        {
            Namespace = ns, Name = name,
            Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = service },
        },
        AddressType = endpoints.Any(e => e.Contains(':', StringComparison.Ordinal)) ? "IPv6" : "IPv4",
        Ports = [.. ports.Select(Port).Select(p => new SlicePort(p.Name, p.Protocol, p.Port))],
        Endpoints = [.. endpoints.Select(Endpoint)],
    };

    /// <summary>About as <c>dig +short</c>, or the outcome where there is no record.</summary>
    public static string Ask(ClusterZone zone, string name, DnsType type)
    {
        var answer = zone.Answer(new(DnsName.Parse(name), type));
        return answer.Answers.IsEmpty
            ? answer.IsNoData ? "NODATA" : answer.Rcode.Word()
            : string.Join(' ', answer.Answers.Select(r => DnsDataText(r)).Order(StringComparer.Ordinal));
    }

    private static string DnsDataText(DnsRecord record)
    {
        var line = record.ToString();
        var type = $" {record.Type.Word()} ";
        return line[(line.IndexOf(type, StringComparison.Ordinal) + type.Length)..];
    }

    private static SliceEndpoint Endpoint(string text)
    {
        var ready = !text.StartsWith('!');
        var parts = text.TrimStart('!').Split('=');
        return new()
        {
            Addresses = [parts[0]], Hostname = parts.Length > 1 ? parts[1] : null, Conditions = new(Ready: ready),
            TargetRef = new("Pod", Name: "pod-of-" + parts[0].Replace('.', '-').Replace(':', '-')),
        };
    }

    private static ServicePort Port(string text)
    {
        var parts = text.Split(':', '/');
        return new(parts[0], parts.Length > 2 ? parts[2] : "TCP", int.Parse(parts[1], null));
    }
}
