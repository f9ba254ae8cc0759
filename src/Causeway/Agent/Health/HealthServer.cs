using System.Net;
using System.Text;
using Causeway.Core;

namespace Causeway.Agent.Health;

/// <summary>
/// <c>/healthz</c> (the process works), <c>/readyz</c> (the kernel is as planned and pods can be connected; else 503
/// with the reasons, one a line) and <c>/metrics</c> (Prometheus text), over plain HTTP.
/// </summary>
internal sealed class HealthServer(string address, AgentMetrics metrics, Func<IReadOnlyList<string>> notReady) : IDisposable
{
    private readonly HttpListener _listener = new();

    /// <summary>Listens; throws <see cref="InputException"/> when the address is not to be had.</summary>
    public void Start()
    {
        _listener.Prefixes.Add($"http://{address}/");
        try
        {
            _listener.Start();
        }
        catch (HttpListenerException e)
        {
            throw new InputException($"--health-address {address}: {e.Message}", e);
        }
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        await using var stop = cancel.Register(_listener.Close);
        while (!cancel.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                if (cancel.IsCancellationRequested) return;
                continue;
            }
            try
            {
                Answer(context);
            }
            catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
            {
                // The one who asked has gone.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var (status, body) = context.Request.Url?.AbsolutePath switch
        {
            "/healthz" => (200, "ok\n"),
            "/readyz" => Ready(),
            "/metrics" => (200, metrics.Text()),
            _ => (404, "here are /healthz, /readyz and /metrics\n"),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
    }

    private (int, string) Ready()
    {
        var reasons = notReady();
        return reasons.Count == 0 ? (200, "ok\n") : (503, string.Join('\n', reasons) + "\n");
    }

    public void Dispose() => ((IDisposable)_listener).Dispose();
}
