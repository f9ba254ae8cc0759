using Causeway.Core.Addressing;

namespace Causeway.Core.Services;

/// <summary>A place where packets are caught: an address and port, or (without address) a node port.</summary>
internal readonly record struct Destination(
    IpFamily Family, IpAddress? Address, TransportProtocol Protocol, ushort Port)
{
    public override string ToString() => Address is { } address
        ? $"{address} port {Port}/{Protocol.Word}"
        : $"node port {Port}/{Protocol.Word}";
}

/// <summary>
/// Who catches which destination. Where several want one, a cluster IP goes before an address that a user wrote
/// into a service (which must not take over another's traffic), then the first by name: independent of the order
/// in which they came.
/// </summary>
internal sealed class Claims
{
    private readonly Dictionary<Destination, Claimant> _owners = [];

    // Only what more than one wants; the owner among them.
    private readonly Dictionary<Destination, SortedSet<Claimant>> _contested = [];
    private readonly Dictionary<ServicePortKey, (Destination Destination, Claimant Claimant)[]> _claims = [];

    public bool Owns(ServicePortKey key, Destination destination) =>
        _owners.TryGetValue(destination, out var owner) && owner.Key == key;

    public ServicePortKey? OwnerOf(Destination destination) =>
        _owners.TryGetValue(destination, out var owner) ? owner.Key : null;

    /// <summary>Replaces what a port claims and returns the other ports that won or lost something by it.</summary>
    public HashSet<ServicePortKey> Set(ServicePortKey key, ServicePortPlan? plan)
    {
        HashSet<ServicePortKey> touched = [];
        var next = plan is null ? [] : Wanted(plan).Distinct().ToArray();
        var before = _claims.GetValueOrDefault(key, []);
        foreach (var (destination, claimant) in before)
            if (!next.Contains((destination, claimant))) Withdraw(destination, claimant, touched);
        foreach (var (destination, claimant) in next)
            if (!before.Contains((destination, claimant))) Claim(destination, claimant, touched);
        if (next.Length == 0) _claims.Remove(key);
        else _claims[key] = next;
        touched.Remove(key);
        return touched;
    }

    public static Destination At(ServicePortPlan plan, IpAddress address) =>
        new(plan.Family, address, plan.Protocol, plan.Port);

    public static Destination AtNodePort(ServicePortPlan plan) =>
        new(plan.Family, null, plan.Protocol, plan.NodePort);

    /// <summary>Every place where a plan's packets are caught.</summary>
    public static IEnumerable<Destination> Of(ServicePortPlan plan) => Wanted(plan).Select(w => w.Item1).Distinct();

    private static IEnumerable<(Destination, Claimant)> Wanted(ServicePortPlan plan)
    {
        yield return (At(plan, plan.ClusterIp), new(0, plan.Key));
        foreach (var address in plan.ExternalIps.Concat(plan.LoadBalancerVips))
            if (address != plan.ClusterIp) yield return (At(plan, address), new(1, plan.Key));
        if (plan.NodePort != 0) yield return (AtNodePort(plan), new(1, plan.Key));
    }

    private void Claim(Destination destination, Claimant claimant, HashSet<ServicePortKey> touched)
    {
        if (!_owners.TryGetValue(destination, out var owner))
        {
            _owners[destination] = claimant;
            return;
        }
        if (!_contested.TryGetValue(destination, out var rivals)) _contested[destination] = rivals = [owner];
        rivals.Add(claimant);
        Crown(destination, owner, rivals, touched);
    }

    private void Withdraw(Destination destination, Claimant claimant, HashSet<ServicePortKey> touched)
    {
        if (!_contested.TryGetValue(destination, out var rivals))
        {
            _owners.Remove(destination);
            return;
        }
        rivals.Remove(claimant);
        Crown(destination, _owners[destination], rivals, touched);
        if (rivals.Count == 1) _contested.Remove(destination);
    }

    private void Crown(
        Destination destination, Claimant before, SortedSet<Claimant> rivals, HashSet<ServicePortKey> touched)
    {
        _owners[destination] = rivals.Min;
        // The losers' problems name the owner, so all of them look again.
        if (before != rivals.Min) touched.UnionWith(rivals.Append(before).Select(r => r.Key));
    }

    private readonly record struct Claimant(int Rank, ServicePortKey Key) : IComparable<Claimant>
    {
        public int CompareTo(Claimant other) =>
            Rank != other.Rank ? Rank.CompareTo(other.Rank) : Key.CompareTo(other.Key);
    }
}
