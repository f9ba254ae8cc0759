using Causeway.Core.Cluster;

namespace Causeway.Lab.Objects;

/// <summary>A volume of a pod: one of its sources is set; none of them where the kind is not known here.</summary>
public sealed record VolumeSpec
{
    public string Name { get; init; } = "";

    public ConfigMapSource? ConfigMap { get; init; }

    public SecretVolumeSource? Secret { get; init; }

    public DownwardSource? DownwardAPI { get; init; }

    public ProjectedVolume? Projected { get; init; }

    public EmptyDirVolume? EmptyDir { get; init; }

    public HostPathVolume? HostPath { get; init; }
}

/// <summary>A ConfigMap as files, or in a projection as some of them.</summary>
/// <param name="Items">Null: all keys under their own names.</param>
/// <param name="DefaultMode">Permission bits; not in projections.</param>
public sealed record ConfigMapSource(
    string Name = "", IReadOnlyList<KeyToPath>? Items = null, bool Optional = false, int? DefaultMode = null);

/// <summary>A Secret as a volume of its own, where the field is <c>secretName</c>.</summary>
public sealed record SecretVolumeSource(
    string SecretName = "", IReadOnlyList<KeyToPath>? Items = null, bool Optional = false, int? DefaultMode = null);

/// <summary>A Secret in a projection.</summary>
public sealed record SecretSource(string Name = "", IReadOnlyList<KeyToPath>? Items = null, bool Optional = false);

public sealed record KeyToPath(string Key, string Path, int? Mode = null);

public sealed record DownwardSource(IReadOnlyList<DownwardFile>? Items = null, int? DefaultMode = null);

public sealed record DownwardFile(string Path, FieldReference? FieldRef = null, int? Mode = null);

public sealed record ProjectedVolume(IReadOnlyList<ProjectionSource>? Sources = null, int? DefaultMode = null);

/// <summary>One of these.</summary>
public sealed record ProjectionSource(
    ConfigMapSource? ConfigMap = null, SecretSource? Secret = null, DownwardSource? DownwardAPI = null,
    TokenSource? ServiceAccountToken = null);

/// <param name="Audience">Empty: the API server's own.</param>
public sealed record TokenSource(string Path, string? Audience = null, long? ExpirationSeconds = null);

public sealed record EmptyDirVolume(string? Medium = null);

public sealed record HostPathVolume(string Path, string? Type = null);

/// <param name="SubPath">Within the volume; empty for all of it.</param>
/// <param name="SubPathExpr">The same with <c>$(NAME)</c> of the container's environment.</param>
public sealed record VolumeMountSpec(
    string Name, string MountPath, string? SubPath = null, string? SubPathExpr = null, bool ReadOnly = false);

public sealed record ConfigMapObject : KubeObject
{
    public IReadOnlyDictionary<string, string>? Data { get; init; }

    public IReadOnlyDictionary<string, byte[]>? BinaryData { get; init; }
}

public sealed record SecretObject : KubeObject
{
    public IReadOnlyDictionary<string, byte[]>? Data { get; init; }
}
