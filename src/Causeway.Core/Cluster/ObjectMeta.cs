namespace Causeway.Core.Cluster;

/// <summary>Any object of the Kubernetes API: what every kind has. Unknown fields are not kept.</summary>
public abstract record KubeObject
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public ObjectMeta Metadata { get; init; } = new();
}

/// <summary>The metadata fields that the network reads or writes.</summary>
public sealed record ObjectMeta
{
    public string Name { get; init; } = "";

    public string? Namespace { get; init; }

    public string? Uid { get; init; }

    /// <summary>Opaque; compared for equality only.</summary>
    public string? ResourceVersion { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>How long a deletion waits for the object's end, in seconds; set with the deletion time.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }

    /// <summary>Counts up with every change of the spec.</summary>
    public long? Generation { get; init; }

    /// <summary>Who must agree before a deleted object goes.</summary>
    public IReadOnlyList<string>? Finalizers { get; init; }

    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }

    public string? Annotation(string key) => Annotations?.GetValueOrDefault(key);
}

public sealed record OwnerReference(
    string ApiVersion, string Kind, string Name, string Uid, bool? Controller = null, bool? BlockOwnerDeletion = null);

/// <summary>A page of a list.</summary>
public sealed record KubeList<T>
{
    public ListMeta Metadata { get; init; } = new();

    public IReadOnlyList<T> Items { get; init; } = [];
}

/// <param name="ResourceVersion">Where a watch goes on from.</param>
/// <param name="Continue">Token of the next page; null or empty on the last.</param>
public sealed record ListMeta(string? ResourceVersion = null, string? Continue = null);
