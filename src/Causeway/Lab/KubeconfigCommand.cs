using System.CommandLine;
using Causeway.Cli;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

internal static class KubeconfigCommand
{
    public static Command Create()
    {
        var command = new Command(
            "kubeconfig", "Prints the path of the kubeconfig: KUBECONFIG=$(causeway lab kubeconfig) kubectl get pods");
        command.SetAction(parsed =>
        {
            Console.WriteLine(LabDirectory.Find(parsed.GetValue(LabCommand.LabOption)).Kubeconfig);
            return ExitCode.Good;
        });
        return command;
    }
}
