using Causeway.Linux.Namespaces;

namespace Causeway.Lab.Capsule;

/// <summary>What a capsule sees in place of the host's file systems that tell of the host.</summary>
internal static class CapsuleMounts
{
    /// <summary>
    /// Gives the capsule its own /proc, /sys and /run. Runs once, in the init, before anything else there looks
    /// at them. Throws <c>SystemCallException</c> naming the mount that was refused.
    /// </summary>
    public static void Apply()
    {
        MountNamespace.MakePrivate("/");
        MountNamespace.Mount("proc", "/proc");
        MountNamespace.Mount("sysfs", "/sys");
        MountNamespace.Mount("tmpfs", "/run", "mode=755");
        // Where /var/run is a directory of its own and not a link to /run.
        if (Directory.ResolveLinkTarget("/var/run", returnFinalTarget: true) is null)
            MountNamespace.Bind("/run", "/var/run");
    }
}
