using System.CommandLine;
using Causeway.Cli;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

internal static class DemoCommand
{
    private const string DefaultName = "demo";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static Command Create()
    {
        var command = new Command(
            "demo", "A lab, an nginx Deployment, a client: ping, curl and a trace across nodes. Can be run again.");
        command.SetAction((parsed, cancel) => RunAsync(
            LabDirectory.Named(parsed.GetValue(LabCommand.LabOption) ?? DefaultName), TimeProvider.System, cancel));
        return command;
    }

    private static async Task<int> RunAsync(LabDirectory lab, TimeProvider time, CancellationToken cancel)
    {
        Console.WriteLine("# A cluster on this machine");
        var up = await new LabBringUp(lab, time, Console.Out).RunAsync(new LabRequest(), null, Patience, cancel);
        if (up != ExitCode.Good) return up;
        using var client = new KubeClient(KubeConfig.Load(lab.Kubeconfig).Access(), time);
        var scene = new DemoScene(lab, client, time, Console.Out);
        return await scene.PlayAsync(Patience, cancel) ? ExitCode.Good : ExitCode.Problems;
    }
}
