using System.CommandLine;
using System.Text.Json;
using Causeway.Cli;
using Causeway.Core.Ipam;

namespace Causeway.Ipam;

/// <summary><c>causeway ipam check</c>: ends 0 when pools, blocks and pods agree, 1 with a line for each
/// problem.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var output = OutputOption.Create();
        var command = new Command(
            "check", "Finds every contradiction between pools, blocks and pods.") { output };
        command.SetAction((parsed, cancel) => IpamCommand.Run(parsed, async client =>
        {
            var state = await IpamReader.Read(client, cancel);
            var problems = IpamCheck.Run(state);
            // What is in motion contradicts itself for a moment: only what is still so at a second look is
            // told.
            if (problems.Count > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel);
                state = await IpamReader.Read(client, cancel);
                problems = [.. IpamCheck.Run(state).Intersect(problems)];
            }
            if (parsed.GetValue(output) == OutputOption.Json)
                Console.WriteLine(JsonSerializer.Serialize(new(problems), IpamJson.Default.CheckReport));
            else
                Print(problems, state);
            return problems.Count == 0 ? ExitCode.Good : ExitCode.Problems;
        }));
        return command;
    }

    private static void Print(IReadOnlyList<IpamProblem> problems, IpamState state)
    {
        foreach (var problem in problems) Console.WriteLine(problem);
        var allocations = state.Allocations().Count();
        var looked = $"{Count(state.Pools.Count, "pool")}, {Count(state.Blocks.Count, "block")}, "
            + $"{Count(allocations, "address", "addresses")}, {Count(state.NetworkedPods().Count(), "pod")}";
        Console.WriteLine(
            $"{looked}: {(problems.Count == 0 ? "all in order" : Count(problems.Count, "problem"))}");
    }

    private static string Count(int number, string one, string? many = null) =>
        $"{number} {(number == 1 ? one : many ?? one + "s")}";
}
