using Causeway.Core;
using Causeway.Lab.Fabric;
using Causeway.Lab.Nodes;

namespace Causeway.Lab.Capsule;

/// <summary>What runs in a capsule, in the order in which it comes up.</summary>
internal sealed class LabProgram(LabDirectory lab, TimeProvider time, InitProgress progress, TextWriter log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var config = lab.ReadConfig()
            ?? throw new InputException($"{lab.ConfigFile}: absent or unreadable; 'causeway lab down' and up again");
        var layout = new FabricLayout(config);
        var cni = CniInstallation.FindAsync(cancellation);
        var fabric = Task.Run(() => Build(layout), cancellation);
        await Task.WhenAll(fabric, cni);
        foreach (var node in layout.Nodes) (await cni).Install(new NodePaths(node.Name));
        progress.Step(InitProgress.Started);
        await Task.WhenAll(
            new AgentSupervisor(lab, time, log).RunAsync(config.NodeNames(), cancellation),
            KeepAsync("outside", OutsideServer.RunAsync, cancellation));
    }

    private void Build(FabricLayout layout)
    {
        FabricBuilder.Build(layout);
        var segments = layout.Segments == 1 ? "one segment" : "two segments and a router";
        progress.Step($"fabric built: {layout.Nodes.Count} nodes on {segments}");
    }

    // One part that fails does not take the lab down: it says so in the log and is started again.
    private async Task KeepAsync(string part, Func<CancellationToken, Task> run, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await run(cancellation);
                cancellation.ThrowIfCancellationRequested();
                await log.WriteLineAsync($"{part}: ended");
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                await log.WriteLineAsync($"{part}: {e}");
            }
            await Task.Delay(Pause, time, cancellation);
        }
    }
}
