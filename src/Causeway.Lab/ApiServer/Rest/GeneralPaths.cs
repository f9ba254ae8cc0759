using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Discovery;
using Causeway.Lab.ApiServer.Schema.OpenApi;
using Microsoft.AspNetCore.Http;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>What is not about objects: discovery of groups, OpenAPI, and what the caller may do.</summary>
internal sealed class GeneralPaths(ServerContext server)
{
    /// <summary>False when the path is none of these.</summary>
    public async Task<bool> TryAnswerAsync(HttpContext http, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case []:
                await http.WriteAsync(200, new JsonObject { ["paths"] = new JsonArray("/api", "/apis",
                    "/healthz", "/version") });
                return true;
            case ["api"] or ["apis"]:
                await GroupsAsync(http, parts[0] == "api");
                return true;
            case ["apis", var group]:
                await http.WriteAsync(200,
                    DiscoveryDocuments.Group(server.Catalog, group) ?? throw StatusException.NoSuchPath());
                return true;
            case ["openapi", "v2"]:
                var asked = http.Request.Headers.Accept.ToString();
                await DocumentAsync(http, asked.Contains(OpenApiDocuments.V2ProtobufAccept)
                    ? server.Catalog.Documents.V2Protobuf : server.Catalog.Documents.V2Json);
                return true;
            case ["openapi", "v3"]:
                await DocumentAsync(http, server.Catalog.Documents.V3Root);
                return true;
            case ["openapi", "v3", .. var group]:
                await DocumentAsync(http,
                    server.Catalog.Documents.V3(string.Join('/',
                        group)) ?? throw StatusException.NoSuchPath());
                return true;
            case ["apis", "authorization.k8s.io", "v1",
                "selfsubjectaccessreviews"] when http.Request.Method == "POST":
                await AllowAsync(http);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Clients keep documents and ask whether they are still the same (RFC 9110 section
    /// 13.1.2).</summary>
    private static Task DocumentAsync(HttpContext http, OpenApiDocument document)
    {
        http.Response.Headers.ETag = document.ETag;
        http.Response.Headers.Vary = "Accept";
        // A hash in the address names the content: that address never has another.
        http.Response.Headers.CacheControl = http.Request.Query.ContainsKey("hash") ? "public, immutable"
            : "no-cache";
        if (http.Request.Headers.IfNoneMatch.ToString() != document.ETag)
            return http.WriteAsync(200, document.Bytes, document.ContentType);
        http.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    private Task GroupsAsync(HttpContext http, bool core)
    {
        http.Response.Headers.Vary = "Accept";
        if (Accept.AggregatedDiscovery(http.Request.Headers.Accept.ToString()) is { } version)
        {
            var document = AggregatedDiscovery.Document(server.Catalog, version, core);
            return http.WriteAsync(200, Responses.Utf8(document), AggregatedDiscovery.ContentType(version));
        }
        return http.WriteAsync(200, core
            ? DiscoveryDocuments.Versions(http.Request.Host.Value ?? "")
                : DiscoveryDocuments.Groups(server.Catalog));
    }

    /// <summary>Whoever has the token may do everything: <c>kubectl auth can-i</c>.</summary>
    private static Task AllowAsync(HttpContext http) => http.WriteAsync(201, new JsonObject
    {
        ["kind"] = "SelfSubjectAccessReview", ["apiVersion"] = "authorization.k8s.io/v1",
        ["metadata"] = new JsonObject(), ["spec"] = new JsonObject(),
        ["status"] = new JsonObject { ["allowed"] = true },
    });
}
