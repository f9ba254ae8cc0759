using System.CommandLine;
using Causeway.Cli;
using Causeway.Core.Cluster.Crds;

namespace Causeway.Crds;

/// <summary><c>causeway crds</c>: what a cluster needs before the agents.</summary>
internal static class CrdsCommand
{
    public static Command Create()
    {
        var command = new Command(
            "crds", "Prints the CustomResourceDefinitions: causeway crds | kubectl apply -f -");
        command.SetAction(_ =>
        {
            Console.Write(CustomResources.Manifests());
            return ExitCode.Good;
        });
        return command;
    }
}
