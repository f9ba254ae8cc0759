using Causeway.Core.Cluster;

namespace Causeway.Core.Ipam;

/// <summary>A request that waits for its commit.</summary>
/// <param name="assign">Null for a release.</param>
internal sealed class PendingRequest(string handle, AssignRequest? assign)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<AssignResult> _offer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Handle => handle;

    public AssignRequest? Request => assign;

    public Task Done => _done.Task;

    /// <summary>What is being written for it; the result itself where nothing is to be written. Mostly ends long
    /// before <see cref="Done"/> does.</summary>
    public Task<AssignResult> Offer => _offer.Task;

    public bool IsOpen => !_done.Task.IsCompleted;

    public AssignResult? Result { get; private set; }

    public List<IpamAllocation> Released { get; } = [];

    /// <summary>What the handle had before this request was first looked at: a failure does not take it
    /// away.</summary>
    public HashSet<string>? HadBefore { get; set; }

    /// <summary>Why the request fails, once what it got so far has been given back.</summary>
    public AssignFailure? Failure { get; set; }

    /// <summary>Blocks that the write under way changes for it.</summary>
    public IReadOnlyList<string> Touches { get; set; } = [];

    /// <summary>Only the first offer is told.</summary>
    public void Propose(AssignResult result) => _offer.TrySetResult(result);

    public void Complete(AssignResult? result)
    {
        Result = result;
        if (result is not null) Propose(result);
        _done.TrySetResult();
    }

    public void Fail(Exception e)
    {
        if (_offer.TrySetException(e)) _ = _offer.Task.Exception;
        _done.TrySetException(e);
    }

    public void Cancel(CancellationToken cancel)
    {
        _offer.TrySetCanceled(cancel);
        _done.TrySetCanceled(cancel);
    }
}
