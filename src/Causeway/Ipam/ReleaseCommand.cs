using System.CommandLine;
using System.Text.Json;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Ipam;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Ipam;

namespace Causeway.Ipam;

/// <summary><c>causeway ipam release ADDRESS --handle HANDLE</c>: frees by hand what no DEL will
/// free.</summary>
internal static class ReleaseCommand
{
    public static Command Create()
    {
        var address = new Argument<string>("ADDRESS") { Description = "The address to free." };
        var handle = new Option<string>("--handle")
        {
            Description = "What has it now, as 'ipam show ADDRESS' tells: so that nobody else's is freed.",
            HelpName = "HANDLE",
            Required = true,
        };
        var force = new Option<bool>("--force") { Description = "Also when a living pod uses it." };
        var output = OutputOption.Create();
        var command = new Command(
            "release", "Frees an address that leaked.") { address, handle, force, output };
        command.SetAction((parsed, cancel) =>
        {
            var text = parsed.GetRequiredValue(address);
            if (!IpAddress.TryParse(text, out var asked))
                throw new InputException($"'{text}' is not an IP address");
            return IpamCommand.Run(parsed, client => Release(
                client, asked, parsed.GetRequiredValue(handle), parsed.GetValue(force),
                parsed.GetValue(output) == OutputOption.Json, cancel));
        });
        return command;
    }

    private static async Task<int> Release(
        KubeClient client, IpAddress address, string handle, bool force, bool json, CancellationToken cancel)
    {
        var state = await IpamReader.Read(client, cancel);
        var (block, allocation) = state.Allocations().FirstOrDefault(
            x => x.Allocation.Address == address.ToString());
        if (allocation is null) return Refuse($"{address} is not allocated");
        if (allocation.Handle != handle)
            return Refuse($"{address} belongs to handle {allocation.Handle}, not to {handle}");
        var evidence = LeakEvidence.Of(state.Nodes, state.Pods);
        if (!force && LeakCollector.WhyUnused(allocation, evidence) is null)
            return Refuse($"{address} is in use{UserOf(allocation)}; delete that, or add --force");
        var store = new KubeIpamStore(client);
        while (true)
        {
            var (spec, outcome) = BlockAllocator.Release(
                block.Spec, allocation.Address, handle, allocation.Sequence);
            if (outcome != ReleaseOutcome.Released)
                return Refuse($"{address} changed hands meanwhile; look again");
            var written = await store.ReplaceBlock(IpamObjects.With(block, spec), cancel);
            if (written.IsDone) break;
            if (await store.GetBlock(block.Metadata.Name, cancel) is not { } newer)
                return Refuse($"{address} is not allocated");
            block = newer;
        }
        Console.WriteLine(json
            ? JsonSerializer.Serialize(new(allocation.Address, handle, true), IpamJson.Default.ReleaseReport)
            : $"released {address}{UserOf(allocation)}");
        return ExitCode.Good;
    }

    private static string UserOf(Core.Cluster.IpamAllocation allocation) =>
        allocation.Pod is null
            ? $" by {allocation.Handle}"
            : $" by pod {allocation.Namespace}/{allocation.Pod}";

    private static int Refuse(string why)
    {
        Console.Error.WriteLine($"causeway: {why}");
        return ExitCode.Problems;
    }
}
