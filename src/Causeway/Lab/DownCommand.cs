using System.CommandLine;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

internal static class DownCommand
{
    private static readonly Option<bool> All = new("--all") { Description = "Every lab of this user." };

    private static readonly Option<bool> Keep = new("--keep")
    {
        Description = "Only stop it: its objects stay, and 'lab up' starts it again.",
    };

    public static Command Create()
    {
        var command = new Command("down", "Ends a lab and removes every trace of it.") { All, Keep };
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(LabCommand.LabOption);
            if (parsed.GetValue(All) && name is not null) throw new InputException("--all and --lab exclude each other");
            foreach (var lab in parsed.GetValue(All) ? LabDirectory.All() : [LabDirectory.Find(name)])
                End(lab, parsed.GetValue(Keep));
            return ExitCode.Good;
        });
        return command;
    }

    private static void End(LabDirectory lab, bool keep)
    {
        if (keep)
        {
            var ran = LabShutdown.StopClaimed(lab);
            Console.WriteLine($"lab '{lab.Name}' is {(ran ? "stopped" : "stopped already")}; its objects are kept");
            return;
        }
        LabShutdown.Remove(lab);
        Console.WriteLine($"lab '{lab.Name}' is gone");
    }
}
