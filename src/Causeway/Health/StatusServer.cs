using System.Net;
using System.Text;
using Causeway.Core;

namespace Causeway.Health;

/// <summary>Answers a few fixed paths over plain HTTP: what probes and Prometheus ask.</summary>
/// <param name="address">HOST:PORT; the host <c>*</c> is all addresses.</param>
/// <param name="option">What the user gave the address with, for errors.</param>
/// <param name="answer">Status and text of a path; null where there is nothing.</param>
internal sealed class StatusServer(string address, string option, Func<string, (int Status, string Text)?> answer) : IDisposable
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
            throw new InputException($"{option} {address}: {e.Message}", e);
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
        var (status, body) = answer(context.Request.Url?.AbsolutePath ?? "") ?? (404, "nothing is here\n");
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
    }

    public void Dispose() => ((IDisposable)_listener).Dispose();
}
