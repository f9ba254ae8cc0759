using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <param name="ETag">In quotes, as the header has it.</param>
public sealed record OpenApiDocument(byte[] Bytes, string ContentType, string ETag);

/// <summary>
/// The OpenAPI documents over one set of resources. Immutable; each document is built when first asked for
/// and kept as bytes. Make a new one, and let go of this, when a CustomResourceDefinition changes.
/// </summary>
public sealed class OpenApiDocuments
{
    public const string Json = "application/json";

    /// <summary>What clients put into Accept for <see cref="V2Protobuf"/>.</summary>
    public const string V2ProtobufAccept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    // The @ is no character of a media type (RFC 9110, token): kubectl asks with it but cannot read it back.
    private const string V2ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";


    private readonly SchemaRegistry _registry;
    private readonly IReadOnlyList<ServedResource> _served;
    private readonly string _version;
    private readonly Lazy<OpenApiDocument> _v2Json;
    private readonly Lazy<OpenApiDocument> _v2Protobuf;
    private readonly Lazy<OpenApiDocument> _v3Root;
    private readonly ConcurrentDictionary<string, OpenApiDocument> _v3 = new(StringComparer.Ordinal);

    /// <param name="version">The version of Kubernetes to tell, such as <c>v1.32.0</c>.</param>
    public OpenApiDocuments(
        SchemaRegistry registry, IReadOnlyList<ServedResource> served, string version = "v1.32.0")
    {
        _registry = registry;
        _served = served;
        _version = version;
        _v2Json = new(() => Document(Serialize(V2()), Json));
        _v2Protobuf = new(() => Document(GnosticEncoder.Encode(V2()), V2ProtobufType));
        _v3Root = new(() => Document(Serialize(Root()), Json));
    }

    /// <summary><c>/openapi/v2</c>.</summary>
    public OpenApiDocument V2Json => _v2Json.Value;

    /// <summary><c>/openapi/v2</c> for clients that accept <see cref="V2ProtobufAccept"/>.</summary>
    public OpenApiDocument V2Protobuf => _v2Protobuf.Value;

    /// <summary><c>/openapi/v3</c>: where the others are.</summary>
    public OpenApiDocument V3Root => _v3Root.Value;

    /// <summary><c>/openapi/v3/GROUPPATH</c>, such as <c>apis/apps/v1</c>; null where nothing is
    /// served.</summary>
    public OpenApiDocument? V3(string groupPath)
    {
        if (!_served.Any(r => r.GroupPath == groupPath)) return null;
        return _v3.GetOrAdd(groupPath, path => Document(Serialize(Group(path)), Json));
    }

    private JsonObject V2()
    {
        var text = new SchemaText(Edition.V2);
        var paths = new Paths(Edition.V2, text).Write(_registry, _served);
        return new()
        {
            ["swagger"] = "2.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["definitions"] = Definitions.Write(text, _registry, _served),
        };
    }

    private JsonObject Group(string groupPath)
    {
        var text = new SchemaText(Edition.V3);
        var served = _served.Where(r => r.GroupPath == groupPath).ToList();
        var paths = new Paths(Edition.V3, text).Write(_registry, served);
        return new()
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = Definitions.Write(text, _registry, served) },
        };
    }

    private JsonObject Root()
    {
        var paths = new JsonObject();
        foreach (var path in _served.Select(r => r.GroupPath).Distinct().Order(StringComparer.Ordinal))
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Hash(path)}" };
        return new() { ["paths"] = paths };
    }

    // Built-in documents follow from this program and the list of resources; only custom ones need be built
    // to tell.
    private string Hash(string groupPath)
    {
        var served = _served.Where(r => r.GroupPath == groupPath).ToList();
        if (served.Exists(r => _registry.Find(r.Kind) is { IsCustom: true }))
            return V3(groupPath)!.ETag.Trim('"');
        var list = string.Join(';', served.Select(r => $"{r.Kind} {r.Plural} {string.Join(',', r.Subresources)}"));
        var module = typeof(OpenApiDocuments).Module.ModuleVersionId;
        return Digest(System.Text.Encoding.UTF8.GetBytes($"{module} {_version} {list}"));
    }

    private JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = _version };

    private static OpenApiDocument Document(byte[] bytes, string contentType) =>
        new(bytes, contentType, $"\"{Digest(bytes)}\"");

    private static string Digest(byte[] bytes) => Convert.ToHexString(SHA256.HashData(bytes).AsSpan(0, 16));

    private static byte[] Serialize(JsonObject document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) document.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
