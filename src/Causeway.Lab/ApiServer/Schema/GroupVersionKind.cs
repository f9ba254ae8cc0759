using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>What an object is. <see cref="Group"/> is empty for the core group; <c>default</c> names
/// nothing.</summary>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>From an object's own <c>apiVersion</c> and <c>kind</c>; empty parts where they are
    /// absent.</summary>
    public static GroupVersionKind Of(JsonObject obj) =>
        Of((obj["apiVersion"] as JsonValue)?.ToString() ?? "", (obj["kind"] as JsonValue)?.ToString() ?? "");

    public static GroupVersionKind Of(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/');
        return slash < 0 ? new("", apiVersion, kind) : new(apiVersion[..slash], apiVersion[(slash + 1)..], kind);
    }

    public override string ToString() => $"{ApiVersion}, Kind={Kind}";
}
