using System.Net;
using Causeway.Core;
using Causeway.Lab.ApiServer.CustomResources;
using Causeway.Lab.ApiServer.Rest;
using Causeway.Lab.ApiServer.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Lab.ApiServer;

/// <summary>
/// A Kubernetes API server in this process: HTTP/1.1 and HTTP/2 over TLS, objects kept in one file. Speaks
/// to kubectl and to every client of the API. It keeps what every cluster has, and runs no controllers
/// else: emptying namespaces that are deleted and deleting what deleted objects own is theirs; only a
/// deleted CustomResourceDefinition takes its objects with it here.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private const int MaxStreams = 1000;

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly ObjectStore _store;
    private readonly WebApplication _web;
    private readonly IServer _listener;
    private readonly CancellationTokenSource _stopping;
    private readonly ITimer _bookmarks;
    private Task _background = Task.CompletedTask;

    private ApiServer(ObjectStore store, WebApplication web, CancellationTokenSource stopping,
        ITimer bookmarks)
    {
        _store = store;
        _web = web;
        _listener = web.Services.GetRequiredService<IServer>();
        _stopping = stopping;
        _bookmarks = bookmarks;
    }

    /// <summary>Where it listens, as <c>https://127.0.0.1:34567</c>; the port is the one that was
    /// free.</summary>
    public IReadOnlyList<Uri> Addresses =>
        [.. _listener.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Where(a => !a.Contains("pipefd")
                && Uri.IsWellFormedUriString(a, UriKind.Absolute)).Select(a => new Uri(a))];

    /// <summary>Opens the store, makes the objects that every cluster has, and listens.</summary>
    /// <exception cref="InputException">The store cannot be used, or an address not be listened
    /// on.</exception>
    public static async Task<ApiServer> StartAsync(ApiServerOptions options,
        CancellationToken cancel = default)
    {
        var store = new ObjectStore(options.StorePath, options.StoreLimit);
        var stopping = new CancellationTokenSource();
        var context = new ServerContext(options, store);
        var bookmarks = options.TimeProvider.CreateTimer(
            _ => store.Bookmark(), null, options.BookmarkInterval, options.BookmarkInterval);
        var web = Web(options);
        var server = new ApiServer(store, web, stopping, bookmarks);
        try
        {
            var standing = new StandingObjects(context);
            await standing.EnsureAsync();
            server._background = Task.WhenAll(
                new DefinitionCleanup(context).RunAsync(stopping.Token), standing.RunAsync(stopping.Token));
            await server._listener.StartAsync(new Application(new(context, stopping.Token)), cancel);
            return server;
        }
        catch (IOException e)
        {
            await server.DisposeAsync();
            throw new InputException($"the API server cannot listen: {e.Message}", e);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _bookmarks.DisposeAsync();
        using var grace = new CancellationTokenSource(StopGrace);
        await _listener.StopAsync(grace.Token);
        await _web.DisposeAsync();
        await _background;
        _store.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The web server alone: its host, with signal handlers and lifetime of its own, is never
    /// started.</summary>
    private static WebApplication Web(ApiServerOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
            foreach (var handle in options.ListenHandles) kestrel.ListenHandle(handle, Secure);
            foreach (var endpoint in options.Endpoints) kestrel.Listen(endpoint, Secure);
        });
        return builder.Build();

        void Secure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(options.Certificate);
        }
    }

    private sealed class Application(ApiHandler handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler.HandleAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // A context holds nothing that outlives its request.
        }
    }
}
