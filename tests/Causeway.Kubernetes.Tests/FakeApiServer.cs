using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Causeway.Kubernetes.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Causeway.Kubernetes.Tests;

/// <summary>
/// Just enough of an API server to try the client against: versions, conflicts, pages, watches with history,
/// and faults on demand. It can stop and start again on the same port with its objects kept.
/// </summary>
internal sealed class FakeApiServer(X509Certificate2? certificate = null) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly LoopbackPort _port = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(long Version, string Line)> _history = [];
    private readonly List<Channel<string>> _watchers = [];
    private readonly List<(string Method, string Path, string? Authorization, string? MediaType)> _requests = [];
    private WebApplication? _app;
    private long _version = 100;
    private long _oldest;

    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Method, path with query, and Authorization of each request.</summary>
    public List<(string Method, string Path, string? Authorization, string? MediaType)> Requests
    {
        get { lock (_lock) return [.. _requests]; }
    }

    public string? Protocol { get; private set; }

    /// <summary>How many watches are open.</summary>
    public int Watches
    {
        get { lock (_lock) return _watchers.Count; }
    }

    /// <summary>Answers instead of the server when it returns an answer.</summary>
    public Func<HttpRequest, (int Code, string Body)?>? Intercept { get; set; }

    public KubeAccess Access => new() { Server = Address, Source = "the fake" };

    /// <summary>For tests that are not about the client's limits.</summary>
    public static KubeClientOptions Patient { get; } = new() { ConnectTimeout = TimeSpan.FromSeconds(60) };

    public KubeClient Client(KubeClientOptions? options = null) => new(Access, TimeProvider.System, options ?? Patient);

    public async Task<FakeApiServer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(_port.EndPoint, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        _app = builder.Build();
        _app.Run(Handle);
        await _app.StartAsync();
        var feature = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Address = new Uri(feature.Addresses.First());
        return this;
    }

    public async Task Stop()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.DisposeAsync();
        }
        // After it: a watch is cut off, as by a server that is lost, and does not end as its time is up.
        DropWatches();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _port.Dispose();
    }

    /// <summary>Ends all watches, as a server does every few minutes.</summary>
    public void DropWatches()
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers) watcher.Writer.TryComplete();
            _watchers.Clear();
        }
    }

    /// <summary>Forgets the history: watches from older versions are told 410.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _oldest = _version;
            _history.Clear();
        }
    }

    public void Put(string path, string json)
    {
        lock (_lock) Store(path, JsonNode.Parse(json)!.AsObject());
    }

    public void Remove(string path)
    {
        lock (_lock)
        {
            _objects.Remove(path, out var gone);
            Tell("DELETED", gone!, ++_version);
        }
    }

    public void Bookmark()
    {
        lock (_lock)
        {
            _version++;
            var meta = new JsonObject { ["resourceVersion"] = _version.ToString() };
            var item = new JsonObject { ["metadata"] = meta };
            var line = new JsonObject { ["type"] = "BOOKMARK", ["object"] = item }.ToJsonString();
            foreach (var watcher in _watchers) watcher.Writer.TryWrite(line);
        }
    }

    private JsonObject Store(string path, JsonObject item)
    {
        var known = _objects.GetValueOrDefault(path);
        var meta = item["metadata"]!.AsObject();
        meta["resourceVersion"] = (++_version).ToString();
        meta["uid"] ??= known?["metadata"]?["uid"]?.DeepClone() ?? $"uid-{_version}";
        _objects[path] = item;
        Tell(known is null ? "ADDED" : "MODIFIED", item, _version);
        return item;
    }

    private void Tell(string type, JsonObject item, long version)
    {
        var told = item.DeepClone();
        told["metadata"]!["resourceVersion"] = version.ToString();
        var line = new JsonObject { ["type"] = type, ["object"] = told }.ToJsonString();
        _history.Add((version, line));
        foreach (var watcher in _watchers) watcher.Writer.TryWrite(line);
    }

    private async Task Handle(HttpContext context)
    {
        var request = context.Request;
        Protocol = request.Protocol;
        lock (_lock)
            _requests.Add((request.Method, request.Path + request.QueryString,
                request.Headers.Authorization, request.ContentType));
        if (Intercept?.Invoke(request) is { } answer)
        {
            await Write(context, answer.Code, answer.Body);
            return;
        }
        if (request.Query["watch"] == "1")
        {
            await Watch(context);
            return;
        }
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync();
        var body = text.Length == 0 ? null : JsonNode.Parse(text);
        (int Code, string Body) result;
        lock (_lock) result = Answer(request, body);
        await Write(context, result.Code, result.Body);
    }

    private (int, string) Answer(HttpRequest request, JsonNode? body)
    {
        var path = request.Path.Value!;
        var known = _objects.GetValueOrDefault(path);
        switch (request.Method)
        {
            case "GET" when known is not null: return (200, known.ToJsonString());
            case "GET" when path.EndsWith('s'): return List(request);
            case "POST":
                var at = path + "/" + (string)body!["metadata"]!["name"]!;
                return _objects.ContainsKey(at)
                    ? Status(409, "AlreadyExists", $"{at} already exists")
                    : (201, Store(at, body.AsObject()).ToJsonString());
            case not "GET" when known is null: return Status(404, "NotFound", $"{path} not found");
            case "PUT":
                var given = (string?)body!["metadata"]!["resourceVersion"];
                return given is not null && given != (string?)known!["metadata"]!["resourceVersion"]
                    ? Status(409, "Conflict", "the object has been modified")
                    : (200, Store(path, body.AsObject()).ToJsonString());
            case "PATCH":
                var patched = known!.DeepClone().AsObject();
                foreach (var (name, value) in body!.AsObject())
                    if (name != "metadata") patched[name] = value?.DeepClone();
                return (200, Store(path, patched).ToJsonString());
            case "DELETE":
                var uid = (string?)body?["preconditions"]?["uid"];
                if (uid is not null && uid != (string?)known!["metadata"]!["uid"])
                    return Status(409, "Conflict", "the uid in the precondition does not match");
                var version = (string?)body?["preconditions"]?["resourceVersion"];
                if (version is not null && version != (string?)known!["metadata"]!["resourceVersion"])
                    return Status(409, "Conflict", "the version in the precondition does not match");
                _objects.Remove(path);
                Tell("DELETED", known!, ++_version);
                return Status(200, "", "");
            default: return Status(404, "NotFound", $"{path} not found");
        }
    }

    private (int, string) List(HttpRequest request)
    {
        var limit = int.TryParse(request.Query["limit"], out var given) && given > 0 ? given : int.MaxValue;
        var after = (string?)request.Query["continue"] ?? "";
        var matching = _objects
            .Where(o => Collection(o.Key) == request.Path && string.CompareOrdinal(o.Key, after) > 0)
            .Take(limit == int.MaxValue ? limit : limit + 1).ToList();
        var more = matching.Count > limit;
        var items = new JsonArray([.. matching.Take(limit).Select(o => o.Value.DeepClone())]);
        var meta = new JsonObject { ["resourceVersion"] = _version.ToString() };
        if (more) meta["continue"] = matching[limit - 1].Key;
        return (200, new JsonObject { ["metadata"] = meta, ["items"] = items }.ToJsonString());
    }

    private async Task Watch(HttpContext context)
    {
        var from = long.Parse(context.Request.Query["resourceVersion"].ToString());
        var channel = Channel.CreateUnbounded<string>();
        lock (_lock)
        {
            if (from < _oldest)
            {
                channel.Writer.TryWrite(
                    """{"type":"ERROR","object":{"code":410,"reason":"Expired","message":"too old"}}""");
                channel.Writer.Complete();
            }
            foreach (var (version, line) in _history)
                if (version > from) channel.Writer.TryWrite(line);
            _watchers.Add(channel);
        }
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
        await foreach (var line in channel.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(line + "\n");
            await context.Response.Body.FlushAsync();
        }
    }

    private static string Collection(string path) => path[..path.LastIndexOf('/')];

    private static (int, string) Status(int code, string reason, string message) => (code, new JsonObject
    {
        ["kind"] = "Status",
        ["code"] = code,
        ["reason"] = reason,
        ["message"] = message,
    }.ToJsonString());

    private static async Task Write(HttpContext context, int code, string body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        if (code == 429) context.Response.Headers.RetryAfter = "0";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
    }
}
