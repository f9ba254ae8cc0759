using System.CommandLine;
using System.Globalization;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Lab.Capsule;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Linux.Processes;

namespace Causeway.Lab;

internal static class ExecCommand
{
    private const string InsideVerb = "lab-exec";

    /// <summary>Where the kubelet keeps its records inside the capsule.</summary>
    private const string RecordDirectory = "/run/causeway/kubelet";

    private static readonly Option<string> Namespace = new("--namespace", "-n")
    {
        Description = "The pod's namespace (default: default).", HelpName = "NS", DefaultValueFactory = _ => "default",
    };

    private static readonly Option<string?> Container = new("--container", "-c")
    {
        Description = "The container (default: the first that runs).", HelpName = "NAME",
    };

    private static readonly Argument<string> Pod = new("POD");

    private static readonly Argument<string[]> Program = new("CMD")
    {
        Description = "After --.", Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create()
    {
        var command = new Command("exec", "Runs a command in a pod; its exit code is this command's.")
        {
            Namespace, Container, Pod, Program,
        };
        command.SetAction(parsed =>
        {
            var lab = LabDirectory.FindRunning(parsed.GetValue(LabCommand.LabOption));
            var container = parsed.GetValue(Container) is { } name ? (string[])["-c", name] : [];
            CapsuleEntry.Enter(lab, [
                InsideVerb, "-n", parsed.GetRequiredValue(Namespace), .. container, parsed.GetRequiredValue(Pod), "--",
                .. parsed.GetRequiredValue(Program)]);
            return ExitCode.Problems;
        });
        return command;
    }

    /// <summary>The same inside the capsule, where the pod's processes are; nobody types it.</summary>
    public static Command CreateInside()
    {
        var command = new Command(InsideVerb) { Namespace, Container, Pod, Program };
        command.Hidden = true;
        command.SetAction(parsed => Enter(
            parsed.GetRequiredValue(Namespace), parsed.GetRequiredValue(Pod), parsed.GetValue(Container),
            parsed.GetRequiredValue(Program)));
        return command;
    }

    private static int Enter(string ns, string pod, string? container, string[] program)
    {
        var record = PodRecord.Read(RecordDirectory, ns, pod)
            ?? throw new InputException($"no pod '{pod}' runs in namespace '{ns}'");
        var found = record.Find(container) ?? throw new InputException(
            container is null ? $"no container of pod {ns}/{pod} runs"
            : $"pod {ns}/{pod} has no running container '{container}'; there are: "
                + string.Join(", ", record.Containers.Select(c => c.Name)));
        ProcessImage.Replace(
            HostTool.Find("nsenter", "util-linux"),
            ["--target", found.Pid.ToString(CultureInfo.InvariantCulture), "--net", "--mount", "--uts", "--", .. program],
            new Dictionary<string, string?> { [CapsuleEntry.Variable] = null });
        return ExitCode.Problems;
    }
}
