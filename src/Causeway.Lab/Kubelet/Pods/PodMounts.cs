using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>
/// The file system of pods: the host's, with the kubelet's files put over those in /etc and a /sys that shows
/// the pod's own network. Pods' mount namespaces are copied from a template that does not hold the names of
/// the other pods' network namespaces: copying those too would cost a thousand pods a million mounts.
/// </summary>
internal sealed class PodMounts : IDisposable
{
    private static readonly string[] Managed = ["hosts", "resolv.conf", "hostname"];

    private readonly SafeFileHandle _template;
    private readonly IReadOnlyDictionary<string, string> _targets;

    public PodMounts(string namespaceDirectory)
    {
        _targets = Managed.Select(name => (name, target: TargetOf("/etc/" + name)))
            .Where(t => t.target is not null).ToDictionary(t => t.name, t => t.target!);
        _template = NamespaceThread.Run(() =>
        {
            MountNamespace.Unshare();
            MountNamespace.MakePrivate("/");
            MountNamespace.Unmount(namespaceDirectory);
            // Bare files are left where namespaces were; the ip tool would complain about each of them.
            MountNamespace.Mount("tmpfs", namespaceDirectory, "mode=755");
            // Nearly every container has its account mounted there: made once for all.
            new MountPoints().Ensure(InClusterConfig.Directory, directory: true);
            return MountNamespace.Open(MountNamespace.Current);
        });
    }

    /// <summary>Gives the calling thread, one of <see cref="NamespaceThread"/>, a container's mounts. Throws
    /// <see cref="IOException"/> that names the one which could not be had.</summary>
    /// <param name="directory">Holds the pod's files by their names in /etc.</param>
    /// <param name="ownNetwork">The thread is in the pod's own network namespace: /sys shows that
    /// one.</param>
    /// <param name="volumes">Outer ones before those below them.</param>
    public void Enter(string directory, bool ownNetwork, IReadOnlyList<ContainerMount> volumes)
    {
        MountNamespace.Enter(_template, "the pods' template");
        MountNamespace.Unshare();
        MountNamespace.MakePrivate("/");
        foreach (var (name, target) in _targets) MountNamespace.Bind(Path.Combine(directory, name), target);
        if (ownNetwork) ShowOwnNetwork();
        if (volumes.Count > 0) Mount(volumes);
    }

    private static void ShowOwnNetwork()
    {
        try
        {
            MountNamespace.Mount("sysfs", "/sys");
        }
        catch (SystemCallException)
        {
            // In some sandboxes /sys may not be mounted: pods then see the capsule's.
        }
    }

    private static void Mount(IReadOnlyList<ContainerMount> volumes)
    {
        // Held open, since a volume may be put over what another one comes from.
        List<SafeFileHandle> sources = [.. volumes.Select(v => MountPoints.OpenPath(v.Source))];
        var points = new MountPoints();
        foreach (var (volume, source) in volumes.Zip(sources))
        {
            points.Ensure(volume.Target, volume.IsDirectory);
            MountNamespace.Bind(
                $"/proc/self/fd/{source.DangerousGetHandle()}", volume.Target, volume.ReadOnly, recursive: true);
            if (volume.IsDirectory) points.Own(volume.Target);
        }
        foreach (var source in sources) source.Dispose();
    }

    public void Dispose() => _template.Dispose();

    /// <summary>The file to mount over: what a symbolic link leads to. One that leads into /run, which is the
    /// capsule's own, is made. Null where the file system has none and may not get one.</summary>
    private static string? TargetOf(string path)
    {
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? path
            : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        if (target is null || File.Exists(target)) return target;
        if (!target.StartsWith("/run/", StringComparison.Ordinal)) return null;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, "");
        return target;
    }
}
