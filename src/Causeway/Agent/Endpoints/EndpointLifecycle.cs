using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Agent.Endpoints;

/// <summary>
/// How endpoints come and go. Whatever interrupts an ADD before its commit, the plugin's death included,
/// leaves nothing behind: the addresses are released and the host device is deleted.
/// </summary>
internal sealed class EndpointLifecycle(
    string node, EndpointStore store, EndpointEffects effects, TimeProvider time)
{
    /// <summary>Longer than the plugin's own patience, so that a plugin that lives is never cut
    /// off.</summary>
    private static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(90);

    private readonly HandleTurns _turns = new();
    private readonly DeviceDeletions _deletions = new(effects.DeleteDevice, effects.Log);

    /// <summary>Done when no host device is being deleted.</summary>
    public Task Settled() => _deletions.AllFinished();

    /// <param name="answer">Sends to the plugin; false when it has gone.</param>
    /// <param name="requests">What the plugin sends next.</param>
    public async Task<AgentReply> AddAsync(
        AgentRequest request, Func<AgentReply, Task<bool>> answer, RequestReader requests, CancellationToken stop)
    {
        using var turn = await _turns.EnterAsync(request.Handle, cancellable: true, stop);
        using var session = CancellationTokenSource.CreateLinkedTokenSource(turn.Cancelled);
        var before = store.Find(request.Handle);
        await _deletions.Finished(EndpointDevice.NameOf(request.Handle)).WaitAsync(session.Token);
        Task<bool>? installed = null;
        var committed = false;
        try
        {
            var lease = await WhileAliveAsync(AssignAsync(request, session.Token), requests, session);
            var assignment = Assignment(request, lease);
            if (!await answer(new AgentReply(null, assignment, Existing: before is not null))) throw Gone();
            var record = Record(request, assignment);
            var asked = await NextAsync(requests, session.Token);
            if (asked.Operation == AgentOperation.Install)
            {
                installed = InstallAsync(record, lease.Written, session.Token);
                asked = await NextAsync(requests, session.Token);
            }
            if (asked.Operation != AgentOperation.Commit)
                throw new CniException(
                    CniErrorCode.Decode, "after add come install and commit", $"not {asked.Operation}");
            installed ??= InstallAsync(record, lease.Written, session.Token);
            await WhileAliveAsync(installed, requests, session);
            store.Put(record);
            committed = true;
            return AgentReply.Done;
        }
        finally
        {
            if (!committed)
            {
                await session.CancelAsync();
                if (installed is not null) await installed.ContinueWith(static t => t.Exception, TaskScheduler.Default);
                if (before is null) await RollBackAsync(request.Handle);
            }
        }
    }

    /// <summary>Leaves nothing of a handle, whether there was something or not. May be called again and
    /// again.</summary>
    public async Task DeleteAsync(string handle, CancellationToken stop)
    {
        _turns.CancelAll(handle);
        using var turn = await _turns.EnterAsync(handle, cancellable: false, stop);
        var device = EndpointDevice.NameOf(handle);
        await effects.Withdraw(device, stop);
        _deletions.Begin(device);
        // Only a released endpoint is forgotten: when the API is away the runtime calls again.
        await effects.Release(handle, stop);
        store.Remove(handle);
    }

    public async Task<AgentReply> CheckAsync(AgentRequest request, CancellationToken stop)
    {
        using var turn = await _turns.EnterAsync(request.Handle, cancellable: false, stop);
        var record = store.Find(request.Handle) ?? throw new CniException(
            CniErrorCode.CheckFailed, "no such endpoint",
            $"the agent of node {node} has no endpoint of container {request.ContainerId}, {request.IfName}");
        if (await effects.Verify(record, stop) is { } problem)
            throw new CniException(CniErrorCode.CheckFailed, "the endpoint is not as it should be", problem);
        return new AgentReply(null, new EndpointAssignment(
            Assigned(record.Addresses.Select(a => IpAddress.Parse(a))), 0, record.HostDevice,
            EndpointAssignment.GatewayMac, MacAddress.TryParse(record.Mac, out var mac) ? mac : default));
    }

    /// <summary>Deletes every endpoint that is not valid; goes on after a failure and throws the first at the
    /// end.</summary>
    public async Task CollectAsync(ImmutableArray<CniAttachmentId> valid, CancellationToken stop)
    {
        var keep = valid.Select(v => EndpointDevice.HandleOf(v.ContainerId, v.IfName)).ToHashSet();
        Exception? first = null;
        foreach (var handle in store.All.Keys.Where(h => !keep.Contains(h)).Order(StringComparer.Ordinal))
        {
            try
            {
                await DeleteAsync(handle, stop);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                first ??= e;
            }
        }
        if (first is not null) throw first;
    }

    // A plugin that ends while the API or the kernel works needs none of it any more.
    private static async Task<T> WhileAliveAsync<T>(
        Task<T> work, RequestReader requests, CancellationTokenSource session)
    {
        if (await Task.WhenAny(work, requests.Ahead) != work) await session.CancelAsync();
        return await work;
    }

    private async Task<AgentRequest> NextAsync(RequestReader requests, CancellationToken cancel)
    {
        var next = await requests.Ahead.WaitAsync(CommitTimeout, time, cancel) ?? throw Gone();
        requests.Pass();
        return next;
    }

    private async Task<AddressLease> AssignAsync(AgentRequest request, CancellationToken cancel)
    {
        try
        {
            return await effects.Assign(request, cancel);
        }
        catch (CniException e) when (e.Error.Code == CniErrorCode.NoAddress)
        {
            await WarnAsync(request, e.Error);
            throw;
        }
    }

    private async Task<bool> InstallAsync(EndpointRecord record, Task written, CancellationToken cancel)
    {
        // Side by side: what is offered is planned, and what becomes of it otherwise is rolled back.
        await Task.WhenAll(effects.Install(record, written, cancel), written.WaitAsync(cancel));
        return true;
    }

    private async Task WarnAsync(AgentRequest request, CniError error)
    {
        if (request.Pod is null) return;
        try
        {
            await effects.Warn(request, error, CancellationToken.None)
                .WaitAsync(TimeSpan.FromSeconds(5), time);
        }
        catch (Exception e)
        {
            effects.Log($"cannot post an event on pod {request.Namespace}/{request.Pod}: {e.Message}");
        }
    }

    private async Task RollBackAsync(string handle)
    {
        var device = EndpointDevice.NameOf(handle);
        try
        {
            await effects.Withdraw(device, CancellationToken.None);
        }
        catch (Exception e)
        {
            effects.Log($"cannot take host device {device} down after an ADD that failed: {e.Message}");
        }
        _deletions.Begin(device);
        try
        {
            await effects.Release(handle, CancellationToken.None);
        }
        catch (Exception e)
        {
            // The runtime's DEL releases it, or the collection of leaked addresses.
            effects.Log($"cannot release the addresses of {handle} after an ADD that failed: {e.Message}");
        }
    }

    private static EndpointAssignment Assignment(AgentRequest request, AddressLease lease) => new(
        Assigned(lease.Addresses), lease.Mtu, EndpointDevice.NameOf(request.Handle),
        EndpointAssignment.GatewayMac,
        request.Mac ?? EndpointDevice.MacOf(request.Handle));

    private static ImmutableArray<AssignedAddress> Assigned(IEnumerable<IpAddress> addresses) =>
        [.. addresses.Order().Select(a => new AssignedAddress(a, EndpointAssignment.GatewayOf(a.Family)))];

    private EndpointRecord Record(AgentRequest request, EndpointAssignment assignment) => new()
    {
        Handle = request.Handle,
        ContainerId = request.ContainerId,
        IfName = request.IfName,
        Netns = request.Netns,
        HostDevice = assignment.HostDevice,
        Addresses = [.. assignment.Addresses.Select(a => a.Address.ToString())],
        Mac = assignment.Mac.ToString(),
        Namespace = request.Namespace,
        Pod = request.Pod,
        PodUid = request.PodUid,
        Node = node,
    };

    private static CniException Gone() => new(CniErrorCode.Cancelled, "the plugin ended before its commit");
}
