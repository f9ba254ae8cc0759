namespace Causeway.Lab.ApiServer.Store;

/// <summary>Where an object is kept.</summary>
/// <param name="Resource">The collection, without its version: <c>pods</c>, <c>apps/deployments</c>.</param>
/// <param name="Namespace">Empty for what is in no namespace.</param>
public readonly record struct ObjectKey(string Resource, string Namespace, string Name)
{
    public override string ToString() =>
        Namespace.Length == 0 ? $"{Resource} {Name}" : $"{Resource} {Namespace}/{Name}";
}
