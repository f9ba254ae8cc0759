using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Agent.Endpoints;

/// <summary>What a pod got.</summary>
/// <param name="Addresses">One of each family that the node's pools have: all or none.</param>
/// <param name="Mtu">For the pod's interface, in bytes.</param>
internal sealed record AddressLease(ImmutableArray<IpAddress> Addresses, int Mtu)
{
    /// <summary>Ends when the API has it so; fails with a <see cref="CniException"/> when it never will.</summary>
    public Task Written { get; init; } = Task.CompletedTask;
}

/// <summary>
/// What the server of endpoints has done to the world outside: the API and the kernel. Failures that a
/// runtime should see are <see cref="CniException"/>s; any other exception becomes one with the agent's code.
/// </summary>
internal sealed record EndpointEffects
{
    /// <summary>Gives a handle its addresses, which count when they are written. Called again for a handle that has some, it gives
    /// the same. Fails with <see cref="CniErrorCode.NoAddress"/> when the pools are exhausted, with
    /// <see cref="CniErrorCode.TryAgainLater"/> when the API is away.</summary>
    public required Func<AgentRequest, CancellationToken, Task<AddressLease>> Assign { get; init; }

    /// <summary>Takes all addresses of a handle back. A handle that has none is no error.</summary>
    public required Func<string, CancellationToken, Task> Release { get; init; }

    /// <summary>Makes an endpoint reachable: returns once its routes are in the kernel. They are planned even before
    /// the API knows of its addresses, until the task given, the writing of them, has ended.</summary>
    public required Func<EndpointRecord, Task, CancellationToken, Task> Install { get; init; }

    /// <summary>Makes an endpoint unreachable at once: the host device, by its name, is down and its routes
    /// are gone. A device that is not there is no error.</summary>
    public required Func<string, CancellationToken, Task> Withdraw { get; init; }

    /// <summary>Deletes a host device. Slow, so it is called in the background. A device that is not there is
    /// no error.</summary>
    public required Func<string, CancellationToken, Task> DeleteDevice { get; init; }

    /// <summary>What is wrong in the kernel with an endpoint; null when all is as it should be.</summary>
    public required Func<EndpointRecord, CancellationToken, Task<string?>> Verify { get; init; }

    /// <summary>Why no pod can be connected now (codes 50 and 51); null when one can.</summary>
    public required Func<CniError?> Status { get; init; }

    /// <summary>Tells the pod's owner, as an Event on the pod, why it has no address.</summary>
    public required Func<AgentRequest, CniError, CancellationToken, Task> Warn { get; init; }

    /// <summary>Told how each operation ended; null for success.</summary>
    public Action<AgentOperation, CniError?> Finished { get; init; } = static (_, _) => { };

    public Action<string> Log { get; init; } = static _ => { };
}
