using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Naming.Lookups;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Trace;
using Causeway.Core.Wire.Dns;

namespace Causeway.Trace;

/// <summary>A trace whose target is a name of DNS: the lookup as the sending pod does it, then the way to the address that
/// comes of it.</summary>
/// <param name="dns">What the cluster's DNS answers.</param>
/// <param name="resolving">The sender's files.</param>
internal sealed class NamedTrace(ClusterSnapshot cluster, ClusterDns dns, PodResolving resolving)
{
    private const ushort DnsPort = 53;

    /// <summary>What should come of the name, and how the questions travel.</summary>
    public LookupTrace Lookup(World world, TraceSubject from, string name)
    {
        var ways = Ways(world, from);
        var server = ways.IsEmpty ? resolving.Conf.Nameservers.Cast<Nameserver?>().FirstOrDefault() : ways[^1].Server;
        var lookup = Core.Naming.Lookups.Lookup.Of(
            new(name, resolving.Conf, resolving.Hosts, LookupQuery.AddressTypes), server, Answers(dns, server));
        return new(lookup, resolving.Source, lookup.Hosts.IsEmpty ? ways : [], null, dns.Notes);
    }

    /// <summary>Whether only asking tells the address, and a server can be asked.</summary>
    public static bool IsToBeAsked(LookupTrace lookup) => lookup.Lookup.End == LookupEnd.Unknown
        && lookup.Ways is [.., { Way.Verdict: not Verdict.Unreachable }];

    /// <param name="finder">Tells whose an address is.</param>
    public TraceResult Follow(World world, TraceRequest request, SubjectFinder finder, TraceSubject from, LookupTrace lookup) =>
        lookup.Join(cluster, lookup.CauseOf(cluster) is null
            ? Connection(world, request, finder, from, lookup.Addresses) : null);

    /// <summary>What the server at an address should say; of one that is not the cluster's nothing is known.</summary>
    public static Func<DnsQuestion, ExpectedAnswer> Answers(ClusterDns dns, Nameserver? server) =>
        server is { } at && dns.At(at.Address) is { } expected
            ? expected.Answer
            : _ => ExpectedAnswer.Unknown(server is null ? "nobody is asked" : $"asked of {server}, which is not the cluster's DNS");

    // The way to the first address that the sender has the family for.
    private TraceResult Connection(
        World world, TraceRequest request, SubjectFinder finder, TraceSubject from, ImmutableArray<IpAddress> addresses)
    {
        var families = from.Addresses.Select(a => a.Family).ToHashSet();
        var first = addresses.FirstOrDefault(a => families.Contains(a.Family), addresses[0]);
        var to = finder.Find(request.To with { Name = null, Address = first }, request.Namespace) with { Addresses = [first] };
        if (ClusterDns.ServiceAt(cluster, first) is { } service)
            to = to with
            {
                Service = $"{service.Metadata.Namespace}/{service.Metadata.Name}",
                Title = $"service {service.Metadata.Namespace}/{service.Metadata.Name}",
            };
        var result = TraceRun.Of(world, request, from, to);
        if (to.Service is { } key) result = ServiceSubject.Judge(cluster, key, result);
        var others = addresses.Where(a => a != first).ToList();
        return others.Count == 0 ? result : result with
        {
            Notes = [.. result.Notes, $"{request.To.Name} has {string.Join(", ", others)} too; the way to {first} was traced"],
        };
    }

    // A resolver goes on to the next server only when one is silent.
    private ImmutableArray<ServerWay> Ways(World world, TraceSubject from)
    {
        var ways = ImmutableArray.CreateBuilder<ServerWay>();
        if (from.Host is not { } host || world[host] is null) return [];
        foreach (var server in resolving.Conf.Nameservers)
        {
            var way = Tracer.Run(world, new(host, server.Address, TransportProtocol.Udp, DnsPort));
            if (ClusterDns.ServiceAt(cluster, server.Address) is { } service)
                way = ServiceSubject.Judge(cluster, $"{service.Metadata.Namespace}/{service.Metadata.Name}", way);
            ways.Add(new(server, way));
            if (way.Verdict != Verdict.Unreachable) break;
        }
        return ways.ToImmutable();
    }
}
