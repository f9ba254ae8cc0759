using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// Address management for one node. Requests that come while a write is under way wait together and go out in
/// the next one: with room in the node's block an assignment costs one write, and a hundred at once cost two.
/// Safe from any thread.
/// </summary>
/// <param name="view">What the pools and the node's labels are now.</param>
public sealed class IpamClient(IIpamStore store, string node, Func<IpamView> view, TimeProvider time)
    : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, IpamBlock> _observed = new(StringComparer.Ordinal);
    private List<PendingRequest> _waiting = [];
    private readonly CommitLoop _commits = new(store, node, view, time);
    private Task _running = Task.CompletedTask;

    /// <summary>
    /// One address of each family for a handle, or none at all. A handle that has its addresses gets the same
    /// again. What the store throws comes through; the addresses may then be assigned or not, and a
    /// repetition settles it.
    /// </summary>
    public async Task<AssignResult> Assign(AssignRequest request, CancellationToken cancel)
    {
        var pending = new PendingRequest(request.Handle, request);
        await Submit(pending, cancel);
        return pending.Result!;
    }

    /// <summary>
    /// As <see cref="Assign"/>, but tells what is about to be written while it is written, so that the caller
    /// can get ready meanwhile. What is written in the end may differ from the offer, when another writer was
    /// faster.
    /// </summary>
    public async Task<AssignOffer> Propose(AssignRequest request, CancellationToken cancel)
    {
        var pending = new PendingRequest(request.Handle, request);
        var written = Written();
        _ = written.ContinueWith(
            static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return new(await pending.Offer, written);

        async Task<AssignResult> Written()
        {
            await Submit(pending, cancel);
            return pending.Result!;
        }
    }

    /// <summary>Frees all that a handle has on this node; repeating it does nothing.</summary>
    /// <returns>What was freed.</returns>
    public async Task<IReadOnlyList<IpamAllocation>> Release(string handle, CancellationToken cancel)
    {
        var pending = new PendingRequest(handle, null);
        await Submit(pending, cancel);
        return pending.Released;
    }

    /// <summary>What a handle has here, without asking the store; for CNI CHECK.</summary>
    public async Task<IReadOnlyList<AssignedAddress>> Held(string handle, CancellationToken cancel)
    {
        var pending = new PendingRequest(handle, new AssignRequest(handle, []));
        await Submit(pending, cancel);
        return pending.Result!.Addresses;
    }

    /// <summary>Tells of a block that a watch showed, so that a release made elsewhere costs no conflict
    /// here.</summary>
    public void Observe(IpamBlock block)
    {
        lock (_lock) _observed[block.Metadata.Name] = block;
    }

    /// <summary>Stops after the write that is under way; requests that wait are cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task running;
        lock (_lock) running = _running;
        await running;
        _stop.Dispose();
    }

    private async Task Submit(PendingRequest pending, CancellationToken cancel)
    {
        TaskCompletionSource? ended = null;
        lock (_lock)
        {
            _waiting.Add(pending);
            if (_running.IsCompleted)
            {
                ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _running = ended.Task;
            }
        }
        // Outside the lock and on this thread: one that comes alone waits for no other.
        if (ended is not null) _ = Run(ended);
        using (cancel.Register(() => pending.Cancel(cancel)))
            await pending.Done;
    }

    private async Task Run(TaskCompletionSource ended)
    {
        while (true)
        {
            List<PendingRequest> batch;
            lock (_lock)
            {
                if (_waiting.Count == 0 && !_commits.WantsTidying)
                {
                    ended.SetResult();
                    return;
                }
                (batch, _waiting) = (_waiting, []);
                _commits.Observe(_observed.Values);
                _observed.Clear();
            }
            if (batch.Count > 0) await _commits.Commit(batch, _stop.Token);
            else await _commits.Tidy(_stop.Token);
        }
    }
}
