namespace Causeway.Core.Dataplane;

/// <summary>
/// The object, and where it helps the field, that caused a planned entry: what a verdict names.
/// For what another program wrote, the program and what its comment or chain name says.
/// </summary>
/// <param name="Kind">A Kubernetes kind (<c>IPPool</c>, <c>Node</c>), or a program
/// (<c>kube-proxy</c>).</param>
/// <param name="Namespace">Null for cluster-scoped objects.</param>
/// <param name="Field">A JSON path inside the object, such as <c>spec.natOutgoing</c>.</param>
public sealed record Origin(string Kind, string Name, string? Namespace = null, string? Field = null)
{
    /// <summary><c>IPPool/default spec.natOutgoing</c>, <c>Pod/ns1/web</c>.</summary>
    public override string ToString() =>
        $"{Kind}/{(Namespace is null ? "" : Namespace + "/")}{Name}{(Field is null ? "" : " " + Field)}";
}
