using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Volumes;

/// <summary>A volume, or a part of one, in a container.</summary>
/// <param name="Source">On the machine; it exists.</param>
/// <param name="Target">An absolute path in the container.</param>
internal sealed record ContainerMount(string Source, string Target, bool IsDirectory, bool ReadOnly)
{
    /// <summary>A container's mounts, outer ones first. Throws <see cref="IOException"/> that names what is
    /// wrong.</summary>
    /// <param name="environment">For subPathExpr.</param>
    public static IReadOnlyList<ContainerMount> Of(
        ContainerSpec spec, PodVolumes volumes, IReadOnlyDictionary<string, string> environment) =>
        [.. (spec.VolumeMounts ?? []).Select(mount => Of(mount, volumes, environment))
            .OrderBy(m => m.Target.Count(c => c == '/'))];

    private static ContainerMount Of(
        VolumeMountSpec mount, PodVolumes volumes, IReadOnlyDictionary<string, string> environment)
    {
        var volume = volumes.Find(mount.Name)
            ?? throw new IOException($"volumeMount '{mount.Name}': the pod has no such volume");
        var target = Path.GetFullPath(mount.MountPath.TrimEnd('/'), "/");
        var part = string.IsNullOrEmpty(mount.SubPathExpr)
            ? mount.SubPath : ContainerEnvironment.Expand(mount.SubPathExpr, environment);
        var source = string.IsNullOrEmpty(part) ? volume.Path : Part(volume, part);
        return new(source, target, Directory.Exists(source), mount.ReadOnly || volume.ReadOnly);
    }

    // What is not there is made as a directory, as kubelets do.
    private static string Part(PodVolume volume, string part)
    {
        if (part.StartsWith('/') || part.Split('/').Contains(".."))
            throw new IOException($"subPath '{part}' leads out of the volume");
        var path = Path.Combine(volume.Path, part);
        if (!Path.Exists(path)) Directory.CreateDirectory(path);
        return path;
    }
}
