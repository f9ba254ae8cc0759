using Causeway.Lab.Capsule;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Nodes;

/// <summary>This program again, with another verb, somewhere on the fabric.</summary>
internal static class OwnProcess
{
    /// <param name="networkNamespace">Its path.</param>
    /// <param name="log">The file for all that it says.</param>
    public static ChildProcess Start(string networkNamespace, string log, params IReadOnlyList<string> arguments)
    {
        var self = HostTool.Self();
        var start = new ProcessStart([self.Path, .. self.Arguments, .. arguments])
        {
            Output = ChildStream.File(log), Error = ChildStream.File(log), WorkingDirectory = "/", NewSession = true,
        };
        return NetworkNamespace.Run(networkNamespace, () => ProcessSpawner.Spawn(start));
    }
}
