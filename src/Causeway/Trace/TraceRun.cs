using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>What was asked for, parsed.</summary>
internal sealed record TraceRequest(
    TraceTarget From, TraceTarget To, string Namespace, TransportProtocol? Protocol, bool Planned)
{
    /// <summary>Somebody outside sends, from this address; then <see cref="From"/> says the same.</summary>
    public IpAddress? FromOutside { get; init; }

    public string FromNamespace => From.Namespace ?? Namespace;
}

/// <summary>From a request and a world to a result.</summary>
internal static class TraceRun
{
    public static TraceResult Of(World world, TraceRequest request, TraceSubject from, TraceSubject to)
    {
        var refusal = from.Refusal ?? to.Refusal;
        if (refusal is not null) return Refused(refusal, from, to);
        var outside = from.Host is null ? request.FromOutside : null;
        if (outside is null && (from.Host is null || world[from.Host] is null))
            return Refused(new(CauseCode.StateUnknown, $"{from.Title} is not in what was captured", "", "",
                "see whether its node's agent has run"), from, to);
        if (Destination(world, from, to) is not { } destination)
            return Refused(new(CauseCode.PodWithoutAddress,
                $"{from.Title} and {to.Title} have no address family in common", "",
                $"{string.Join(", ", from.Addresses)} and {string.Join(", ", to.Addresses)}",
                "give both an address of one family"), from, to);
        var protocol = request.Protocol ?? (request.To.Port == 0 ? TransportProtocol.Icmp : TransportProtocol.Tcp);
        var result = Tracer.Run(world, new(from.Host ?? Entry(world, destination), destination, protocol, request.To.Port)
        {
            ToHost = to.Host is not null && world[to.Host] is not null ? to.Host : null,
            Source = outside,
        });
        return result with { Notes = [.. Notes(from, to, destination), .. result.Notes] };
    }

    /// <summary>Throws <see cref="InputException"/> for what cannot be sent.</summary>
    public static void Check(TraceRequest request)
    {
        if (request.From.Port != 0) throw new InputException("a port belongs to the target, not to the sender");
        if (request.FromOutside is null && request.From.Address is { } address)
            throw new InputException($"{address}: the sender is a pod (NAME or NAMESPACE/NAME) or a node");
        if (request is { Protocol: TransportProtocol.Icmp, To.Port: not 0 })
            throw new InputException($"--proto icmp has no port {request.To.Port}");
    }

    // From outside a packet comes in at the node that has the address it is for, else at any.
    private static string Entry(World world, IpAddress destination) =>
        world.OwnerOf(destination) is { Kind: HostKind.Node } owner ? owner.Name
            : world.OwnerOf(destination)?.Attachment?.Node
                ?? world.Hosts.Values.FirstOrDefault(h => h.Kind == HostKind.Node)?.Name
                ?? throw new InputException("there is no node by which a packet from outside could come in");

    // The target's first address that the sender has the family for, in the order of the target's status.
    private static IpAddress? Destination(World world, TraceSubject from, TraceSubject to)
    {
        var families = from.Addresses.Select(a => a.Family).ToHashSet();
        if (to.Addresses is [var only]) return only;
        return to.Addresses.Where(a => families.Contains(a.Family)).Cast<IpAddress?>().FirstOrDefault();
    }

    private static IEnumerable<string> Notes(TraceSubject from, TraceSubject to, IpAddress destination)
    {
        foreach (var note in new[] { from.Note, to.Note })
            if (note is not null) yield return note;
        foreach (var other in to.Addresses.Where(a => a != destination && a.Family != destination.Family))
            yield return $"{to.Title} has {other} too, which was not traced: name it as the target";
    }

    private static TraceResult Refused(Cause cause, TraceSubject from, TraceSubject to) => new(
        null, cause.IsUnknown ? Verdict.Unknown : Verdict.Unreachable, Leg.None, Leg.None, cause,
        [.. new[] { from.Note, to.Note }.OfType<string>()]);
}
