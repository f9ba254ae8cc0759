using System.Text.Json.Nodes;
using Causeway.Core;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.Cni;
using Causeway.Kubernetes;
using Causeway.Lab.Kubelet.Network;

namespace Causeway.Lab.Kubelet.Nodes;

/// <summary>One node of the lab: its Node object, its readiness, and what an earlier run left in its
/// network.</summary>
internal sealed class NodeLoop : IDisposable
{
    private static readonly KubeType<JsonObject> NodeType = KubeTypes.Tree(ApiResources.Nodes);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBeginning = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadyInterval = TimeSpan.FromSeconds(15);

    private readonly KubeletContext _context;
    private readonly KubeletNode _node;
    private readonly MachineFacts _machine;
    private readonly NodePlugins _network;
    private readonly TaskCompletionSource _networkReady =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NodeLoop(KubeletContext context, KubeletNode node, MachineFacts machine, SemaphoreSlim gate)
    {
        (_context, _node, _machine) = (context, node, machine);
        _network = new(node, gate, new(Pods.PodPaths.Attachments(context.Options, node)));
        Sandboxes = new(
            _network, context.Options.NamespaceDirectory, context.Time, text =>
                context.Problem($"{node.Name}: {text}"));
    }

    public SandboxMaker Sandboxes { get; }

    /// <summary>Ends when the plugin works and what an earlier run left behind is gone.</summary>
    public Task NetworkReady => _networkReady.Task;

    public async Task RunAsync(CancellationToken cancel)
    {
        // Each write of a node is news for all other nodes' agents: it begins with what it will say anyway.
        string? told = await _network.ProblemAsync(cancel) ?? "kubelet is starting";
        await RegisterAsync(told, cancel);
        var pause = FirstPause;
        while (true)
        {
            var problem = await _network.ProblemAsync(cancel);
            if (problem is null && !_networkReady.Task.IsCompleted)
            {
                await CleanUpAsync(cancel);
                _networkReady.TrySetResult();
            }
            if (problem != told && await TellAsync(problem, cancel)) told = problem;
            if (problem is null && told is null)
            {
                pause = FirstPause;
                await Task.Delay(ReadyInterval, _context.Time, cancel);
                continue;
            }
            await Task.Delay(pause, _context.Time, cancel);
            // Until the first time it is a look for a file, and everybody waits for it.
            var longest = _networkReady.Task.IsCompleted ? LongestPause : LongestBeginning;
            pause = pause * 2 < longest ? pause * 2 : longest;
        }
    }

    public void Dispose()
    {
        Sandboxes.Dispose();
        _network.Dispose();
    }

    private async Task RegisterAsync(string problem, CancellationToken cancel)
    {
        while (true)
        {
            var document = NodeDocument.Build(
                _node, _machine, _context.Options.PodsPerNode, problem, _context.Time.GetUtcNow());
            try
            {
                try
                {
                    await _context.Options.Client.Create(NodeType, document, cancel);
                }
                catch (KubeException e) when (e.IsAlreadyExists)
                {
                    var labels = new JsonObject
                    {
                        ["metadata"] = new JsonObject { ["labels"] = NodeDocument.LabelsOf(_node, _machine) },
                    };
                    await _context.Options.Client.Patch(
                        NodeType, _node.Name, PatchFormat.Merge, labels, cancel: cancel);
                }
                // Creation takes no status from a client.
                if (await TellAsync(problem, cancel)) return;
            }
            catch (KubeException e)
            {
                _context.Problem($"{_node.Name}: registration: {e.Message}");
            }
            await Task.Delay(LongestPause, _context.Time, cancel);
        }
    }

    private async Task<bool> TellAsync(string? problem, CancellationToken cancel)
    {
        var status = NodeDocument.Status(
            _node, _machine, _context.Options.PodsPerNode, problem, _context.Time.GetUtcNow());
        try
        {
            await _context.Options.Client.Patch(
                NodeType, _node.Name, PatchFormat.Merge, new JsonObject { ["status"] = status }, null,
                new("status"), cancel);
            return true;
        }
        catch (KubeException e)
        {
            _context.Problem($"{_node.Name}: status: {e.Message}");
            return false;
        }
    }

    /// <summary>Nothing survives a kubelet here, so nothing that is known from before is valid.</summary>
    private async Task CleanUpAsync(CancellationToken cancel)
    {
        await Task.WhenAll(_network.Cache.ReadAll().Select(known => Sandboxes.DeleteAsync(known, cancel)));
        try
        {
            await _network.CollectAsync([], cancel);
        }
        catch (Exception e) when (e is CniException or InputException or IOException)
        {
            _context.Problem($"{_node.Name}: GC: {e.Message}");
        }
    }
}
