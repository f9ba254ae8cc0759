using Causeway.Core;
using Causeway.Core.Dataplane;
using Causeway.Core.Naming.NodeLocal;
using Causeway.Linux.Kernel;
using Causeway.Linux.Native;

namespace Causeway.Dns.NodeLocal;

/// <summary>Holds the node's kernel to what its DNS cache needs, and takes it away at the end.</summary>
internal sealed class NodeLocalKernel : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    private readonly KernelDriver _kernel = KernelDriver.Open();
    private readonly NodeLocalPlan _plan;

    /// <summary>Throws <see cref="InputException"/> when the kernel refuses.</summary>
    public NodeLocalKernel(NodeLocalPlan plan)
    {
        _plan = plan;
        try
        {
            _kernel.Ensure(_plan.Entries);
        }
        catch (Exception e) when (e is IOException or SystemCallException)
        {
            Dispose();
            throw new InputException(
                $"--node-local: addresses and table {NodeLocalPlan.Table} cannot be made: {e.Message} "
                + "(it needs the capability NET_ADMIN, in the node's own network namespace)", e);
        }
    }

    /// <summary>Puts back what others take away, until cancelled.</summary>
    public async Task KeepAsync(DnsLog log, TimeProvider time, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await Task.Delay(Look, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancel.IsCancellationRequested) return;
            try
            {
                _kernel.Ensure(_plan.Entries);
            }
            catch (IOException e)
            {
                log.Failed("the node-local address", e.Message);
            }
        }
    }

    public void Dispose()
    {
        // What is not there, or not ours to take away, was told when it was made.
        _kernel.Apply([.. _plan.Entries.Select(e => new Delete(e))]);
        _kernel.Dispose();
    }
}
