using System.CommandLine;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Lab.Capsule;
using Causeway.Lab.Fabric;

namespace Causeway.Lab;

internal static class NodeExecCommand
{
    /// <summary>Stands for the capsule's own network namespace, where the segments' bridges are.</summary>
    private const string FabricName = "fabric";

    public static Command Create()
    {
        var node = new Argument<string>("NODE")
        {
            Description = "n1, n2, ...; or 'router', 'outside', or 'fabric' (where the segments' bridges are).",
        };
        var program = new Argument<string[]>("CMD") { Description = "After --.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("node-exec", "Runs a command of this machine in a node's network namespace.")
        {
            node, program,
        };
        command.SetAction(parsed => Run(
            LabDirectory.FindRunning(parsed.GetValue(LabCommand.LabOption)),
            parsed.GetRequiredValue(node), parsed.GetRequiredValue(program)));
        return command;
    }

    private static int Run(LabDirectory lab, string node, string[] program)
    {
        if (node == FabricName) CapsuleEntry.EnterWith(lab, program[0], program[1..]);
        string[] known = [
            .. lab.ReadConfig()?.NodeNames() ?? [], FabricLayout.RouterNamespace, FabricLayout.OutsideNamespace];
        if (!known.Contains(node))
            throw new InputException($"no node '{node}' in lab '{lab.Name}'; there are: {string.Join(", ", known)}, {FabricName}");
        CapsuleEntry.EnterWith(lab, HostTool.Find("ip", "iproute2"), ["netns", "exec", node, .. program]);
        return ExitCode.Problems;
    }
}
