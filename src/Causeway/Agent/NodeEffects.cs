using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causeway.Agent.Endpoints;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Ipam;
using Causeway.Core.Routing;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Kubernetes;
using Causeway.Linux.Kernel;

namespace Causeway.Agent;

/// <summary>What the endpoints' server does to the world, on a real node: addresses from the API, routes by the
/// reconciler, events on pods.</summary>
internal sealed class NodeEffects(
    string node, KubeClient client, IpamClient ipam, AgentView view, Reconciler reconciler, KernelDriver deleter,
    Func<string?> notReady, Func<string?> starting, AgentMetrics metrics, AgentLog log, TimeProvider time)
{
    private static readonly TimeSpan Beginning = TimeSpan.FromSeconds(5);

    public EndpointEffects ToEffects() => new()
    {
        Assign = Assign,
        Release = Release,
        Install = Install,
        Withdraw = async (device, cancel) => await reconciler.WithdrawAsync(device).WaitAsync(cancel),
        DeleteDevice = (device, cancel) => Task.Run(() => deleter.DeleteLink(device), cancel),
        Verify = Verify,
        Status = Status,
        Warn = Warn,
        Finished = (_, error) =>
        {
            metrics.CniRequests.Add();
            if (error is not null) metrics.CniErrors.Add();
        },
        Log = text => log.Failed("endpoint", text),
    };

    private async Task<AddressLease> Assign(AgentRequest request, CancellationToken cancel)
    {
        if ((await BegunAsync(cancel) ?? NoPool()) is { } reason)
            throw new CniException(CniErrorCode.TryAgainLater, "the node is not ready", reason);
        var network = view.Network!;
        IpFamily[] families = [.. view.Ipam.Pools.Ranges
            .Where(r => r.Serves(view.Ipam.NodeLabels)).Select(r => r.Family).Distinct().Order()];
        var wanted = new AssignRequest(request.Handle, families, request.Namespace, request.Pod, request.PodUid);
        var offer = await Api(() => ipam.Propose(wanted, cancel));
        var addresses = Granted(offer.Offered);
        var written = Confirm(offer.Written, addresses);
        // Whoever gives up before the end does not look at it any more.
        _ = written.ContinueWith(
            static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return new AddressLease(addresses, AgentView.Mtu(network, offer.Offered.Addresses.Select(a => a.Pool)))
        {
            Written = written,
        };
    }

    /// <summary>Why the node still begins. A pod that comes meanwhile waits a little, sooner than that its runtime takes
    /// its sandbox down and comes again.</summary>
    private async Task<string?> BegunAsync(CancellationToken cancel)
    {
        var asked = time.GetTimestamp();
        while (starting() is { } reason)
        {
            if (time.GetElapsedTime(asked) > Beginning) return reason;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancel);
        }
        return null;
    }

    private static async Task Confirm(Task<AssignResult> write, ImmutableArray<IpAddress> offered)
    {
        var written = Granted(await Api(() => write));
        if (!written.SequenceEqual(offered))
            throw new CniException(
                CniErrorCode.TryAgainLater, "another node was faster",
                $"{string.Join(", ", offered)} went to another pod while it was written to the API");
    }

    private static ImmutableArray<IpAddress> Granted(AssignResult result) => result.Failure is { } failure
        ? throw new CniException(CniErrorCode.NoAddress, "no address for the pod", failure.Message)
        : [.. result.Addresses.Select(a => a.Address)];

    private Task Release(string handle, CancellationToken cancel) => Api(() => ipam.Release(handle, cancel));

    private async Task Install(EndpointRecord record, Task written, CancellationToken cancel)
    {
        var origin = record.Pod is { } pod ? new Origin("Pod", pod, record.Namespace) : null;
        var missing = reconciler.InstallAsync(record.HostDevice, Addresses(record), origin);
        _ = written.ContinueWith(
            _ => reconciler.Written(record.HostDevice),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (await missing.WaitAsync(cancel) is { } reason)
            throw new CniException(CniErrorCode.Kernel, "the pod's routes are not in the kernel", reason);
    }

    private async Task<string?> Verify(EndpointRecord record, CancellationToken cancel)
    {
        reconciler.Suspect(EntryKind.Link, EntryKind.Route);
        return await reconciler.MissingAsync(record.HostDevice, Addresses(record)).WaitAsync(cancel);
    }

    private static List<IpAddress> Addresses(EndpointRecord record) =>
        [.. record.Addresses.Select(a => IpAddress.Parse(a))];

    private CniError? Status()
    {
        if (notReady() is { } reason)
            return new CniError(CniErrorCode.NotAvailable, "the node is not ready", reason);
        return NoPool() is { } missing ? new CniError(CniErrorCode.NotAvailable, "no addresses", missing) : null;
    }

    private string? NoPool() => view.Ipam.Pools.Ranges.Any(r => r.Serves(view.Ipam.NodeLabels))
        ? null
        : $"no enabled IPPool selects node {node}";

    /// <summary>An API server that is away, or one that changed its mind, passes: the runtime calls again.</summary>
    private static async Task<T> Api<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (KubeException e)
        {
            throw new CniException(CniErrorCode.TryAgainLater, "the API server did not help", e.Message);
        }
    }

    private Task Warn(AgentRequest request, CniError error, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ");
        return client.Create(
            KubeTypes.Tree(ApiResources.Events),
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["namespace"] = request.Namespace,
                    ["name"] = $"{request.Pod}.{time.GetUtcNow().UtcTicks:x}",
                },
                ["type"] = "Warning",
                ["reason"] = "FailedAddressAssignment",
                ["message"] = error.Details,
                ["count"] = 1,
                ["firstTimestamp"] = now,
                ["lastTimestamp"] = now,
                ["source"] = new JsonObject { ["component"] = "causeway-agent", ["host"] = node },
                ["involvedObject"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Pod",
                    ["namespace"] = request.Namespace,
                    ["name"] = request.Pod,
                    ["uid"] = request.PodUid,
                },
            },
            cancel);
    }
}
