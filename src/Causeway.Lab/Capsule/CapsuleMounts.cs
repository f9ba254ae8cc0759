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

    /// <summary>Gives the nodes name servers of their own, in place of the host's, which cannot be reached from
    /// here.</summary>
    /// <param name="file">A resolv.conf.</param>
    public static void NameServers(string file)
    {
        const string conf = "/etc/resolv.conf";
        if (File.Exists(conf))
        {
            MountNamespace.Bind(file, conf);
        }
        else if (File.ResolveLinkTarget(conf, returnFinalTarget: true) is { FullName: var target }
            && target.StartsWith("/run/", StringComparison.Ordinal))
        {
            // The host's is a link into its /run, in whose place the capsule has its own.
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
