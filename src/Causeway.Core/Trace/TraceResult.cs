using System.Collections.Immutable;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

public enum Verdict
{
    /// <summary>Every branch of the packet's way, and of the reply's, arrives.</summary>
    Reachable,

    /// <summary>No branch arrives both ways.</summary>
    Unreachable,

    /// <summary>Some branches arrive and others do not, or only small packets do.</summary>
    Partial,

    /// <summary>The trace met what it cannot read: never a guess.</summary>
    Unknown,
}

/// <summary>How a branch ends.</summary>
public enum Disposition
{
    Delivered,
    Stopped,
    LeavesCluster,
    Unknown,
}

/// <summary>One step of a packet.</summary>
/// <param name="Node">The node it happens on; for a step inside a pod, the pod's node.</param>
/// <param name="Component">What decided: <c>address</c>, <c>device</c>, <c>route</c>, <c>setting</c>, <c>filter</c>,
/// <c>neighbour</c>, <c>fdb</c>, <c>vxlan</c>, <c>wire</c>, <c>delivery</c>.</param>
/// <param name="Action">What was done, for people.</param>
/// <param name="Evidence">The entry in the words of the kernel's tool; empty where nothing was consulted.</param>
/// <param name="Origin">The object behind the entry, where it is known.</param>
public sealed record Hop(string Node, string Component, string Action, string Evidence, Origin? Origin)
{
    /// <summary>The host whose namespace it happens in: the node, or a pod on it.</summary>
    public string Host { get; init; } = Node;
}

/// <summary>One way that the packet may take.</summary>
/// <param name="Probability">0 to 1; the branches of a leg add up to 1.</param>
/// <param name="Cause">Null when delivered.</param>
public sealed record Branch(
    double Probability, ImmutableArray<Hop> Hops, Disposition Disposition, Cause? Cause);

/// <summary>One direction: the branches, the most telling one first.</summary>
public sealed record Leg(ImmutableArray<Branch> Branches)
{
    public static readonly Leg None = new([]);

    /// <summary>The hops of the branch that decided the verdict.</summary>
    public ImmutableArray<Hop> Hops => Branches.IsDefaultOrEmpty ? [] : Branches[0].Hops;
}

/// <summary>What a trace found.</summary>
/// <param name="Packet">The packet as it was sent.</param>
/// <param name="Cause">Null exactly when the verdict is reachable.</param>
/// <param name="Notes">What was not checked, or departs from the plan without stopping the packet.</param>
public sealed record TraceResult(
    Packet? Packet, Verdict Verdict, Leg Forward, Leg Reply, Cause? Cause, ImmutableArray<string> Notes)
{
    /// <summary>How the target's name became an address; null where the target was no name.</summary>
    public LookupTrace? Lookup { get; init; }
}
