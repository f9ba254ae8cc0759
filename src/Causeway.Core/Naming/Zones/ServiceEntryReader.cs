using System.Collections.Immutable;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>Objects to entries. Never throws: what cannot have a name is left out and told.</summary>
/// <param name="complain">Told <c>KIND NAMESPACE/NAME: what is wrong</c>.</param>
internal sealed class ServiceEntryReader(Action<string> complain)
{
    /// <summary>Null when the service has no names.</summary>
    public ServiceEntry? Read(Service service)
    {
        var (ns, name) = (service.Metadata.Namespace ?? "", service.Metadata.Name);
        if (KeyOf(ns, name) is not { } key) return Refuse(service, "is no name of labels that DNS can hold");
        ServiceEntry entry = new() { Key = key, Namespace = ns, Name = name, Ports = Ports(service) };
        var spec = service.Spec;
        if (spec.Type == Service.ExternalNameType) return External(service, entry);
        if (spec.ClusterIP == Service.Headless) return entry with { Kind = ServiceKind.Headless };
        List<IpAddress> addresses = [];
        foreach (var text in spec.ClusterIPs is { Count: > 0 } all ? all : [spec.ClusterIP ?? ""])
        {
            if (IpAddress.TryParse(text, out var address)) addresses.Add(address);
            // None yet: its allocator has still to speak.
            else if (!string.IsNullOrEmpty(text)) Refuse(service, $"clusterIP '{LabelSyntax.Cut(text)}' is not an IP address");
        }
        return entry with { Addresses = [.. addresses] };
    }

    /// <summary>The service that a slice is of, and what it gives; null when it gives nothing.</summary>
    public (byte[] Service, SliceEntry Entry)? Read(EndpointSlice slice)
    {
        var meta = slice.Metadata;
        var service = meta.Labels?.GetValueOrDefault(EndpointSlice.ServiceNameLabel);
        if (string.IsNullOrEmpty(service) || KeyOf(meta.Namespace ?? "", service) is not { } key) return null;
        IpFamily? family = slice.AddressType switch { "IPv4" => IpFamily.V4, "IPv6" => IpFamily.V6, _ => null };
        if (family is not { } only) return null;
        var endpoints = ImmutableArray.CreateBuilder<EndpointEntry>(slice.Endpoints?.Count ?? 0);
        foreach (var endpoint in slice.Endpoints ?? [])
        {
            if (endpoint is not { IsReady: true, Addresses: [{ } text, ..] }) continue;
            if (!IpAddress.TryParse(text, out var address) || address.Family != only)
                Refuse(slice, $"endpoint '{LabelSyntax.Cut(text)}' is not an {slice.AddressType} address");
            else if (endpoint.Hostname is { Length: > 0 } host && !IsLabel(host))
                Refuse(slice, $"hostname '{LabelSyntax.Cut(host)}' is not a DNS label");
            else
                endpoints.Add(new(address, NullIfEmpty(endpoint.Hostname), NullIfEmpty(endpoint.TargetRef?.Name)));
        }
        return (key, new(meta.Name, only, Ports(slice), endpoints.DrainToImmutable()));
    }

    /// <summary>The labels in wire form; null when one of them is none.</summary>
    public static byte[]? KeyOf(string ns, string service) => IsLabel(ns) && IsLabel(service)
        ? [(byte)service.Length, .. Lower(service), (byte)ns.Length, .. Lower(ns)]
        : null;

    public static byte[]? KeyOf(string ns) => IsLabel(ns) ? [(byte)ns.Length, .. Lower(ns)] : null;

    private ServiceEntry? External(Service service, ServiceEntry entry)
    {
        var target = service.Spec.ExternalName ?? "";
        if (IpAddress.TryParse(target, out _))
            return Refuse(service, $"externalName '{target}' is an address: an alias needs a name");
        return DnsName.TryParse(target, out var name, out _) && !name.IsRoot
            ? entry with { Kind = ServiceKind.ExternalName, ExternalName = name }
            : Refuse(service, $"externalName '{LabelSyntax.Cut(target)}' is not a name");
    }

    private static ImmutableArray<NamedPort> Ports(Service service) =>
        Known((service.Spec.Ports ?? []).Select(p => Port(p?.Name, p?.Protocol, p?.Port)));

    private static ImmutableArray<NamedPort> Ports(EndpointSlice slice) =>
        Known((slice.Ports ?? []).Select(p => Port(p?.Name, p?.Protocol, p?.Port)));

    private static ImmutableArray<NamedPort> Known(IEnumerable<NamedPort?> ports) => [.. ports.OfType<NamedPort>()];

    private static NamedPort? Port(string? name, string? protocol, int? port) => port is > 0 and <= ushort.MaxValue
        ? new(name ?? "", (protocol ?? "TCP").ToLowerInvariant(), (ushort)port)
        : null;

    private ServiceEntry? Refuse(KubeObject item, string why)
    {
        var kind = item is Service ? "Service" : "EndpointSlice";
        complain($"{kind} {LabelSyntax.Cut(item.Metadata.Namespace ?? "")}/{LabelSyntax.Cut(item.Metadata.Name)}: {why}");
        return null;
    }

    private static bool IsLabel(string text) =>
        text.Length is > 0 and <= DnsName.MaxLabelBytes && Ascii.IsValid(text) && !text.Contains('.');

    private static byte[] Lower(string label) => Encoding.ASCII.GetBytes(label.ToLowerInvariant());

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
