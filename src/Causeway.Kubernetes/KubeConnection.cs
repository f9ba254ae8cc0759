using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Causeway.Core.Cluster;
using Causeway.Kubernetes.Configuration;

namespace Causeway.Kubernetes;

/// <summary>One request to be made.</summary>
/// <param name="Path">Path and query, from the server's root.</param>
internal sealed record KubeRequest(
    HttpMethod Method, string Verb, ApiResource? Resource, string Path, byte[]? Body = null,
    string MediaType = "application/json")
{
    /// <summary>For messages: <c>create /api/v1/nodes</c>.</summary>
    public string Operation
    {
        get
        {
            var query = Path.IndexOf('?', StringComparison.Ordinal);
            return $"{Verb} {(query < 0 ? Path : Path[..query])}";
        }
    }
}

/// <summary>
/// Sends requests: credentials, deadlines, slowing down when told to, and one kind of exception for all that
/// fails.
/// </summary>
internal sealed class KubeConnection : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly KubeAccess _access;
    private readonly KubeClientOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly string _root;

    public KubeConnection(KubeAccess access, TimeProvider time, KubeClientOptions options)
    {
        _access = access;
        _options = options;
        _time = time;
        _root = access.Server.AbsoluteUri.TrimEnd('/');
        _http = new HttpClient(KubeTransport.Create(access, options)) { Timeout = Timeout.InfiniteTimeSpan };
        Probe = new ReachabilityProbe(access.Server, time, options);
    }

    public ReachabilityProbe Probe { get; }

    /// <summary>The whole body of a good answer.</summary>
    public async Task<byte[]> Send(KubeRequest request, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Deadline(request, async within =>
                {
                    using var response = await Answer(request, within);
                    return await response.Content.ReadAsByteArrayAsync(within);
                }, cancel);
            }
            catch (KubeException e) when (e.IsTooManyRequests && attempt < _options.Attempts)
            {
                await Task.Delay(Pause(e), _time, cancel);
            }
        }
    }

    /// <summary>A good answer whose body is still to be read; the deadline is that of its headers.</summary>
    public Task<HttpResponseMessage> Open(KubeRequest request, CancellationToken cancel) =>
        Deadline(request, within => Answer(request, within), cancel);

    /// <summary>Runs a step of reading a body; what it throws becomes a <see
    /// cref="KubeException"/>.</summary>
    public async ValueTask<TResult> Guard<TResult>(
        KubeRequest request, Func<ValueTask<TResult>> step, CancellationToken cancel)
    {
        try
        {
            return await step();
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException
            && !cancel.IsCancellationRequested)
        {
            throw Unreachable(request, e);
        }
    }

    public void Dispose()
    {
        Probe.Dispose();
        _http.Dispose();
    }

    private async Task<TResult> Deadline<TResult>(
        KubeRequest request, Func<CancellationToken, Task<TResult>> work, CancellationToken cancel)
    {
        using var clock = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, clock.Token);
        try
        {
            return await work(both.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new KubeException(0, "Timeout",
                $"{request.Operation}: no answer from {_root} within "
                + $"{_options.RequestTimeout.TotalSeconds:0.#} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancel.ThrowIfCancellationRequested();
            throw Unreachable(request, e);
        }
    }

    private async Task<HttpResponseMessage> Answer(KubeRequest request, CancellationToken cancel)
    {
        for (var renewed = false; ; renewed = true)
        {
            var started = _time.GetTimestamp();
            using var message = Message(request);
            message.Headers.Authorization = await _access.Credential.Header(_time, renewed, cancel);
            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancel);
            }
            catch (HttpRequestException)
            {
                Measure(request, 0, started);
                throw;
            }
            Measure(request, (int)response.StatusCode, started);
            if (response.IsSuccessStatusCode) return response;
            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && !renewed) continue;
                var body = await response.Content.ReadAsByteArrayAsync(cancel);
                throw KubeException.Of(
                    (int)response.StatusCode, body, request.Operation, response.Headers.RetryAfter?.Delta);
            }
        }
    }

    private HttpRequestMessage Message(KubeRequest request)
    {
        var message = new HttpRequestMessage(request.Method, _root + request.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        message.Headers.UserAgent.ParseAdd(_options.UserAgent);
        // The TLS name follows the Host header, and the API server does not look at it.
        if (_access.TlsServerName is { } name) message.Headers.Host = name;
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.MediaType);
        }
        return message;
    }

    private void Measure(KubeRequest request, int code, long started) => _options.OnRequest?.Invoke(
        new(request.Verb, request.Resource?.Plural ?? "", code, _time.GetElapsedTime(started)));

    private static TimeSpan Pause(KubeException e)
    {
        var asked = e.RetryAfter ?? TimeSpan.FromSeconds(1);
        return asked < LongestPause ? asked : LongestPause;
    }

    private KubeException Unreachable(KubeRequest request, Exception e)
    {
        var cause = e.InnerException ?? e;
        // A certificate that is not trusted does not heal by waiting, and its message is the inner one.
        var reason = cause is AuthenticationException ? "Untrusted" : "Unreachable";
        return new(0, reason, $"{request.Operation}: {_root} ({_access.Source}): {cause.Message}", e);
    }
}
