using System.Globalization;
using Causeway.Core;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Capsule;

/// <summary>
/// The door into a running capsule. A process enters namespaces only at its start, so a verb that works
/// inside replaces itself by nsenter(1), which starts this program again in there.
/// </summary>
public static class CapsuleEntry
{
    /// <summary>Holds the lab's directory in every process inside its capsule.</summary>
    public const string Variable = "CAUSEWAY_CAPSULE";

    /// <summary>The directory of the lab whose capsule this process is in; null on the host.</summary>
    public static string? Current =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    /// <summary>
    /// Runs this program with these arguments inside the capsule, in place of this process: does not return.
    /// The caller asks <see cref="Current"/> first; inside, it is not null.
    /// </summary>
    /// <exception cref="InputException">The lab does not run, or nsenter is missing.</exception>
    public static void Enter(LabDirectory lab, params IReadOnlyList<string> arguments)
    {
        var self = HostTool.Self();
        EnterWith(lab, self.Path, [.. self.Arguments, .. arguments]);
    }

    /// <summary>The same for any program.</summary>
    public static void EnterWith(LabDirectory lab, string program, IReadOnlyList<string> arguments)
    {
        var init = lab.RunningInit() ?? throw new InputException($"lab '{lab.Name}' is stopped");
        var nsenter = HostTool.Find("nsenter", "util-linux");
        ProcessImage.Replace(nsenter, [.. Namespaces(init), "--", program, .. arguments],
            new Dictionary<string, string?> { [Variable] = lab.Path });
    }

    // The user namespace goes with a lab that an ordinary user started: only then does it differ from ours.
    private static IEnumerable<string> Namespaces(ProcessIdentity init)
    {
        yield return "--target=" + init.Pid.ToString(CultureInfo.InvariantCulture);
        if (UserNamespace(init.Pid.ToString(CultureInfo.InvariantCulture)) != UserNamespace("self"))
        {
            yield return "--user";
            yield return "--preserve-credentials";
        }
        yield return "--mount";
        yield return "--net";
        yield return "--pid";
    }

    private static string? UserNamespace(string process) => File.ResolveLinkTarget($"/proc/{process}/ns/user", false)?.Name;
}
