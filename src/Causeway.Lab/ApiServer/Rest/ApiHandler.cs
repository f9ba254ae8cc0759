using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Discovery;
using Causeway.Lab.ApiServer.Watch;
using Microsoft.AspNetCore.Http;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>Answers every request: who asks, what for, and who does it. The one place where errors become
/// answers.</summary>
internal sealed class ApiHandler
{
    private readonly ServerContext _server;
    private readonly Bearer _bearer;
    private readonly ReadVerbs _reader;
    private readonly WriteVerbs _writer;
    private readonly WatchVerb _watcher;
    private readonly Subresources _subresources;
    private readonly GeneralPaths _general;
    private readonly CancellationToken _stopping;

    public ApiHandler(ServerContext server, CancellationToken stopping)
    {
        _server = server;
        _stopping = stopping;
        _bearer = new(server);
        _reader = new(server);
        var objects = new ObjectWriter(server);
        var patcher = new PatchVerb(server, objects);
        var remover = new ObjectRemover(server);
        _writer = new(server, _reader, objects, remover, patcher);
        _watcher = new(server);
        _subresources = new(server, _reader, _writer, new(server, objects, patcher), new(server, objects,
            remover), stopping);
        _general = new(server);
    }

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await AnswerAsync(http);
        }
        catch (StatusException e) when (!http.Response.HasStarted)
        {
            await http.WriteErrorAsync(e);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await http.WriteErrorAsync(StatusException.BadRequest(e.Message));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
        }
        catch (IOException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Likewise.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await http.WriteErrorAsync(StatusException.Internal($"{e.GetType().Name}: {e.Message}"));
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        if (path is "/healthz" or "/livez" or "/readyz"
            || path.StartsWith("/readyz/", StringComparison.Ordinal)
            || path.StartsWith("/livez/", StringComparison.Ordinal))
        {
            await http.WriteAsync(200, "ok"u8.ToArray(), "text/plain; charset=utf-8");
            return;
        }
        if (path == "/version")
        {
            await http.WriteAsync(200, ServerVersion.Document);
            return;
        }
        if (!_bearer.Accepts(http.Request.Headers.Authorization.ToString())) throw StatusException.Unauthorized();
        if (await _general.TryAnswerAsync(http, path)) return;
        var target = RequestTarget.Parse(path) ?? throw StatusException.NoSuchPath();
        if (target.Plural.Length == 0)
        {
            RequireGet(http);
            await http.WriteAsync(200, DiscoveryDocuments.Resources(_server.Catalog, target.Group,
                target.Version)
                ?? throw StatusException.NoSuchPath());
            return;
        }
        var type = _server.Catalog.Find(target.Group, target.Version, target.Plural)
            ?? throw StatusException.NoSuchPath();
        if (!type.Namespaced && target.Namespace is not null) throw StatusException.NoSuchPath();
        if (type.Namespaced && target is { Namespace: null,
            Name: not null }) throw StatusException.NoSuchPath();
        var request = new ApiRequest(http, type, target);
        if (target.Subresource.Length > 0) await _subresources.RunAsync(request);
        else if (target.Name is null) await CollectionAsync(request);
        else await ObjectAsync(request);
    }

    private Task CollectionAsync(ApiRequest request) => request.Http.Request.Method switch
    {
        "GET" or "HEAD" => request.Flag("watch") ? _watcher.RunAsync(request, _stopping)
            : _reader.ListAsync(request),
        "POST" => _writer.CreateAsync(request),
        "DELETE" => _writer.DeleteCollectionAsync(request),
        _ => throw StatusException.MethodNotAllowed(),
    };

    private Task ObjectAsync(ApiRequest request) => request.Http.Request.Method switch
    {
        "GET" or "HEAD" => _reader.GetAsync(request),
        "PUT" => _writer.UpdateAsync(request),
        "PATCH" => _writer.PatchAsync(request),
        "DELETE" => _writer.DeleteAsync(request),
        _ => throw StatusException.MethodNotAllowed(),
    };

    private static void RequireGet(HttpContext http)
    {
        if (http.Request.Method is not ("GET" or "HEAD")) throw StatusException.MethodNotAllowed();
    }
}
