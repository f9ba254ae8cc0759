using Causeway.Bench.Labs;

namespace Causeway.Bench.Cni;

/// <summary>ADD and DEL as whole processes on a node of a lab: the agent and its API are the real ones.</summary>
internal static class CniBench
{
    public const string OnNode = "cni-on-node";

    public static async Task Run(Harness harness)
    {
        await using var lab = await BenchLab.Up("--nodes", "1");
        var output = await lab.OnNode(
            "n1", Environment.ProcessPath!, OnNode, BenchLab.AgentSocket("n1"), Executables.Find("causeway-cni"));
        await harness.Print(output.TrimEnd());
    }
}
