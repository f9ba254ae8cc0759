using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Events;

namespace Causeway.Lab.Controllers;

/// <summary>One write to the API that a controller asks for: one of the nested cases.</summary>
/// <param name="Name">Of the object; of a creation with generateName, its prefix.</param>
public abstract record ObjectWrite(ApiResource Resource, string? Namespace, string Name)
{
    /// <summary>Told about the owner once the write has succeeded.</summary>
    public EventNote? Event { get; init; }

    /// <summary>Creates; that it exists already is no error, the next run sees it.</summary>
    public sealed record Create(ApiResource Resource, string? Namespace, string Name, JsonObject Body)
        : ObjectWrite(Resource, Namespace, Name);

    /// <summary>An RFC 7386 patch, of the object or of a subresource such as <c>status</c>. With a uid, and
    /// where the outcome depends on what was read a resourceVersion, in the body's metadata.</summary>
    public sealed record Patch(
        ApiResource Resource, string? Namespace, string Name, JsonObject Body, string? Subresource = null)
        : ObjectWrite(Resource, Namespace, Name);

    /// <summary>Deletes the object with this uid; that it is gone is no error.</summary>
    public sealed record Delete(
        ApiResource Resource, string? Namespace, string Name, string Uid, string? Propagation = null,
        int? GraceSeconds = null) : ObjectWrite(Resource, Namespace, Name);

    /// <summary>Takes the finalizer of the namespace controller away
    /// (<c>namespaces/NAME/finalize</c>).</summary>
    public sealed record Finalize(string Namespace) : ObjectWrite(ApiResources.Namespaces, null, Namespace);
}

/// <summary>What a run of a controller on one object asks for.</summary>
/// <param name="Writes">In order.</param>
/// <param name="After">Run again after so long even if nothing changes; null when only changes
/// matter.</param>
public sealed record Reconciliation(ImmutableArray<ObjectWrite> Writes, TimeSpan? After = null)
{
    public static readonly Reconciliation Nothing = new([]);
}
