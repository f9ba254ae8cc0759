using System.CommandLine;
using Causeway.Cli;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

internal static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command("status", "A lab's nodes, agents and pods.");
        command.SetAction(parsed =>
        {
            var lab = LabDirectory.Find(parsed.GetValue(LabCommand.LabOption));
            Console.WriteLine(lab.RunningInit() is { } init ? $"running ({init.Pid})" : "stopped");
            return ExitCode.Good;
        });
        return command;
    }
}
