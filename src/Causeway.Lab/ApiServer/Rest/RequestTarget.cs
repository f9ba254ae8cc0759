namespace Causeway.Lab.ApiServer.Rest;

/// <summary>What a path names under <c>/api/V</c> or <c>/apis/G/V</c>.</summary>
/// <param name="Plural">Empty: the group version itself, for discovery.</param>
/// <param name="Namespace">Null: none named, so all of them or an object outside namespaces.</param>
/// <param name="Name">Null: the collection.</param>
/// <param name="Subresource">Empty: the object itself.</param>
public sealed record RequestTarget(
    string Group, string Version, string? Namespace, string Plural, string? Name, string Subresource)
{
    /// <summary>Null for a path of another form.</summary>
    public static RequestTarget? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["api", var core, .. var coreRest]) return Parse("", core, coreRest);
        return parts is ["apis", var group, var version, .. var rest] ? Parse(group, version, rest) : null;
    }

    private static RequestTarget? Parse(string group, string version, string[] rest) => rest switch
    {
        [] => new(group, version, null, "", null, ""),
        ["namespaces", var name, "status" or "finalize"] when group.Length == 0 =>
            new(group, version, null, "namespaces", name, rest[2]),
        ["namespaces", var ns, var plural] => new(group, version, ns, plural, null, ""),
        ["namespaces", var ns, var plural, var name] => new(group, version, ns, plural, name, ""),
        ["namespaces", var ns, var plural, var name, .. var sub] =>
            new(group, version, ns, plural, name, string.Join('/', sub)),
        [var plural] => new(group, version, null, plural, null, ""),
        [var plural, var name] => new(group, version, null, plural, name, ""),
        [var plural, var name, .. var sub] => new(group, version, null, plural, name, string.Join('/', sub)),
    };
}
