using System.CommandLine;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

/// <summary>The verbs of <c>causeway lab</c>.</summary>
internal static class LabCommand
{
    /// <summary>Says which lab a verb is about; also for verbs outside of this group.</summary>
    public static Option<string?> LabOption { get; } = new("--lab")
    {
        Description = "Name of the lab (default: the only one there is, else 'default').",
        HelpName = "NAME",
        Recursive = true,
    };

    public static Command Create() => new("lab", "A cluster on this machine: nodes and pods are network namespaces.")
    {
        LabOption,
        UpCommand.Create(),
        DownCommand.Create(),
        StatusCommand.Create(),
        ListCommand.Create(),
        ExecCommand.Create(),
        NodeExecCommand.Create(),
        KubeconfigCommand.Create(),
        DemoCommand.Create(),
    };

    /// <summary>The program inside a capsule; nobody types it.</summary>
    public static Command CreateInit()
    {
        var path = new Argument<string>("DIRECTORY");
        var command = new Command(CapsuleLauncher.InitVerb) { path };
        command.Hidden = true;
        command.SetAction((parsed, _) =>
        {
            var folder = parsed.GetRequiredValue(path);
            return LabInit.RunAsync(
                new LabDirectory(Path.GetFileName(folder), folder), TimeProvider.System, Console.Out, Console.Error);
        });
        return command;
    }
}
