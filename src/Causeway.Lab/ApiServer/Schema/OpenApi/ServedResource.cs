namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <summary>A resource that the server serves, as the documents list it.</summary>
/// <param name="Subresources">Names such as <c>status</c>, <c>scale</c>, <c>eviction</c>; unknown ones are
/// left out.</param>
public sealed record ServedResource(
    GroupVersionKind Kind, string Plural, bool Namespaced, IReadOnlyList<string> Subresources)
{
    /// <summary><c>api/v1</c> or <c>apis/GROUP/VERSION</c>.</summary>
    public string GroupPath =>
        Kind.Group.Length == 0 ? $"api/{Kind.Version}" : $"apis/{Kind.Group}/{Kind.Version}";
}

/// <summary>Which edition of OpenAPI a document is written in.</summary>
internal enum Edition
{
    /// <summary>OpenAPI 2.0 (Swagger).</summary>
    V2,

    /// <summary>OpenAPI 3.0.</summary>
    V3,
}
