using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Store;
using Microsoft.AspNetCore.Http;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>One request for objects: the HTTP request with what its path names.</summary>
public sealed class ApiRequest(HttpContext http, ResourceType type, RequestTarget target)
{
    /// <summary>As the limit of the API server: 3 MiB.</summary>
    private const long MaxBody = 3 << 20;

    public HttpContext Http => http;

    public ResourceType Type => type;

    public string? Namespace => target.Namespace;

    public string Name => target.Name ?? throw new InvalidOperationException("a collection has no name");

    public string Subresource => target.Subresource;

    public ObjectKey Key => new(type.StorageKey, target.Namespace ?? "", Name);

    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>Empty when absent.</summary>
    public string Query(string name) => http.Request.Query[name].ToString();

    public bool Flag(string name) => Query(name) is "true" or "1";

    /// <summary>Null when absent; anything but a whole number is the client's error.</summary>
    public long? Number(string name)
    {
        var text = Query(name);
        if (text.Length == 0) return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var n)) return n;
        throw StatusException.BadRequest($"query parameter {name}: '{text}' is not a whole number");
    }

    /// <summary>The revision in <c>resourceVersion</c>; null when absent.</summary>
    public long? Revision()
    {
        var text = Query("resourceVersion");
        if (text.Length == 0) return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n)) return n;
        throw StatusException.BadRequest($"Invalid value: \"{text}\": resourceVersion is not one that this server gave");
    }

    public bool DryRun
    {
        get
        {
            var value = Query("dryRun");
            if (value is not ("" or "All"))
                throw StatusException.BadRequest($"dryRun: Unsupported value: \"{value}\": supported values: \"All\"");
            return value.Length > 0;
        }
    }

    public async Task<byte[]> ReadBodyAsync()
    {
        if (http.Request.ContentLength > MaxBody) throw StatusException.TooLarge(MaxBody);
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(Aborted);
            if (read.Buffer.Length > MaxBody) throw StatusException.TooLarge(MaxBody);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The media type of the body without parameters; JSON when the client does not say.</summary>
    public string ContentType
    {
        get
        {
            var value = http.Request.ContentType ?? "";
            var end = value.IndexOf(';');
            return (end < 0 ? value : value[..end]).Trim();
        }
    }
}
