using Causeway.Core.Addressing;
using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>
/// Carries out batches of requests, one batch at a time: plan on the known blocks, write each changed block
/// once (blocks of different families at the same time), and plan again what met a conflict, until every
/// request is answered.
/// </summary>
internal sealed class CommitLoop(IIpamStore store, string node, Func<IpamView> view, TimeProvider time)
{
    /// <summary>Each conflict means that someone else got on; so many in a row mean something else.</summary>
    private const int MostRounds = 100;

    private readonly BlockCache _cache = new(node);

    // Handles whose requests ended in an exception: what they may have got beyond what they had is given
    // back.
    private readonly Dictionary<string, HashSet<string>> _orphans = new(StringComparer.Ordinal);

    private bool _recovered;

    private BlockClaims Claims => field ??= new BlockClaims(store, node, _cache);

    /// <summary>Something was released since the last tidying.</summary>
    public bool WantsTidying { get; private set; }

    public void Observe(IEnumerable<IpamBlock> blocks)
    {
        foreach (var block in blocks) _cache.Observe(block);
    }

    public async Task Commit(List<PendingRequest> batch, CancellationToken cancel)
    {
        try
        {
            if (!_recovered) await Claims.Recover(cancel);
            _recovered = true;
            foreach (var name in _cache.Doubtful) await Claims.Refresh(name, cancel);
            foreach (var pending in batch) _orphans.Remove(pending.Handle);
            await Rounds(batch, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            foreach (var pending in batch) pending.Cancel(cancel);
        }
        catch (Exception e)
        {
            // A claim may be half done.
            _recovered = false;
            foreach (var pending in batch) Orphan(pending, e);
        }
    }

    /// <summary>Gives back blocks that are no longer needed. A failure waits for the next time.</summary>
    public async Task Tidy(CancellationToken cancel)
    {
        WantsTidying = false;
        try
        {
            await Claims.Tidy(view(), cancel);
        }
        catch (Exception)
        {
            // Nobody waits for this; a half-done return is finished when the node next recovers.
            _recovered = false;
        }
    }

    private async Task Rounds(List<PendingRequest> batch, CancellationToken cancel)
    {
        HashSet<Need> borrow = [];
        Dictionary<Need, AssignFailure> failures = [];
        for (var round = 0; batch.Exists(p => p.IsOpen); round++)
        {
            if (round == MostRounds)
                throw new InvalidOperationException($"IPAM: no commit in {MostRounds} rounds on node {node}");
            var now = view();
            var plan = new CommitPlan(_cache, now, node);
            var lacking = Plan(plan, batch, borrow, failures);
            // What can be written is written first, so that a search for room sees the store as it is.
            if (plan.Changed.Count > 0)
            {
                Propose(plan, batch);
                await Write(plan.Changed, batch, cancel);
            }
            else if (lacking is { } need)
            {
                var acquired = await Claims.Acquire(need, now, cancel);
                if (acquired.Failure is { } failure) failures[need] = failure;
                if (acquired.Borrows) borrow.Add(need);
            }
        }
    }

    /// <summary>Lays every open request onto the plan. Releases go first, for what they free may be
    /// wanted.</summary>
    /// <returns>A need that no known block meets, and that was not yet found unmeetable.</returns>
    private Need? Plan(
        CommitPlan plan, List<PendingRequest> batch, HashSet<Need> borrow,
        Dictionary<Need, AssignFailure> failures)
    {
        foreach (var (handle, keep) in _orphans.ToList())
            if (plan.Release(handle, keep).Count == 0) _orphans.Remove(handle);
        // A handle that is asked for twice is looked at once in a round: the second finds what the first got.
        HashSet<string> handles = new(StringComparer.Ordinal);
        foreach (var pending in batch.Where(p => p.IsOpen && p.Request is null))
            if (handles.Add(pending.Handle)) PlanRelease(plan, pending);
        Need? lacking = null;
        foreach (var pending in batch.Where(p => p.IsOpen && p.Request is not null))
        {
            pending.Touches = [];
            if (!handles.Add(pending.Handle)) continue;
            pending.HadBefore ??= [.. plan.Held(pending.Handle).Select(h => h.Allocation.Address)];
            if (pending.Failure is null && Assign(plan, pending, borrow) is { } need)
            {
                if (failures.TryGetValue(need, out var failure)) pending.Failure = failure;
                else lacking ??= need;
            }
            if (pending.Failure is null) continue;
            pending.Touches = plan.Release(pending.Handle, pending.HadBefore);
            if (pending.Touches.Count == 0) pending.Complete(new([], pending.Failure));
        }
        return lacking;
    }

    private void PlanRelease(CommitPlan plan, PendingRequest pending)
    {
        var held = plan.Held(pending.Handle).Select(h => h.Allocation);
        foreach (var allocation in held)
            if (!pending.Released.Contains(allocation)) pending.Released.Add(allocation);
        pending.Touches = plan.Release(pending.Handle, null);
        if (pending.Touches.Count == 0) pending.Complete(null);
    }

    private Need? Assign(CommitPlan plan, PendingRequest pending, HashSet<Need> borrow)
    {
        var request = pending.Request!;
        var since = time.GetUtcNow();
        since = since.AddTicks(-(since.Ticks % TimeSpan.TicksPerSecond));
        var need = plan.Assign(request, borrow, since, out var touched);
        pending.Touches = touched;
        if (need is null && touched.Count == 0) pending.Complete(new(Ordered(plan.Held(request.Handle), request), null));
        return need;
    }

    // What is written now is what they get, unless somebody else writes first.
    private static void Propose(CommitPlan plan, List<PendingRequest> batch)
    {
        foreach (var pending in batch)
        {
            if (pending is not { IsOpen: true, Request: { } request, Failure: null, Touches.Count: > 0 }) continue;
            pending.Propose(new(Ordered(plan.Planned(request.Handle), request), null));
        }
    }

    private static List<AssignedAddress> Ordered(IEnumerable<AssignedAddress> addresses, AssignRequest request)
    {
        var held = addresses.ToList();
        if (request.Families.Count == 0) return held;
        return [.. request.Families.Select(f => held.First(h => h.Address.Family == f))];
    }

    /// <summary>All blocks are written at the same time; their answers, which change what is known, are taken one after
    /// the other.</summary>
    private async Task Write(
        IReadOnlyDictionary<string, IpamBlockSpec> changed, List<PendingRequest> batch, CancellationToken cancel)
    {
        var writes = changed.Select(c => (Name: c.Key, Answer: Replace(c.Key, c.Value, cancel))).ToList();
        Task all = Task.WhenAll(writes.Select(w => w.Answer));
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (name, answer) in writes)
        {
            try
            {
                if ((await answer).Value is { } stored) _cache.Put(stored);
                else await Claims.Refresh(name, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                foreach (var pending in batch.Where(p => p.IsOpen && p.Touches.Contains(name)))
                    Orphan(pending, e);
            }
        }
    }

    private Task<StoreResult<IpamBlock>> Replace(string name, IpamBlockSpec spec, CancellationToken cancel)
    {
        var known = _cache.All.First(c => c.Name == name).Block;
        WantsTidying |= spec.Allocations.Count == 0;
        // Until it is answered nobody knows what the store holds.
        _cache.Doubt(name);
        return store.ReplaceBlock(IpamObjects.With(known, spec), cancel);
    }

    private void Orphan(PendingRequest pending, Exception e)
    {
        if (!pending.IsOpen) return;
        // One that was never planned has got nothing.
        if (pending is { Request: not null, HadBefore: { } before }) _orphans[pending.Handle] = before;
        pending.Fail(e);
    }
}
