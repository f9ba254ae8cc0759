using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Causeway.Lab.ApiServer.Streams;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Pods;
using Causeway.Lab.Objects;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet.Probes;

/// <param name="Message">What the container said or did; for the event of a failure.</param>
internal readonly record struct ProbeOutcome(bool Success, string Message);

/// <summary>Asks a container once, in one of the four ways. Never throws for what the container
/// does.</summary>
internal sealed class ProbeRunner(ContainerSpec spec, PodSetting setting, ChildProcess process)
{
    private const int MostOutput = 10 << 10;
    private const string Agent = "kube-probe/1.34";

    private readonly ProbeTarget _target = new(spec, setting);

    /// <summary>Within the probe's timeout; throws only when cancelled.</summary>
    public async Task<ProbeOutcome> RunAsync(ProbeSpec probe, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds)));
        try
        {
            return probe switch
            {
                { HttpGet: { } get } => await GetAsync(get, timeout.Token),
                { TcpSocket: { } tcp } => await ConnectAsync(tcp, timeout.Token),
                { Grpc: { } grpc } => await AskAsync(grpc, timeout.Token),
                { Exec: { } exec } => await ExecAsync(exec.Command ?? [], timeout.Token),
                _ => new(false, "the probe says neither httpGet nor tcpSocket, exec or grpc"),
            };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new(false, $"no answer within {Math.Max(1, probe.TimeoutSeconds)}s");
        }
        catch (Exception e) when (e is SocketException or IOException or HttpRequestException or UriFormatException
            or FormatException or UnauthorizedAccessException)
        {
            return new(false, e.InnerException is SocketException inner ? inner.Message : e.Message);
        }
    }

    public async Task<ProbeOutcome> ExecAsync(IReadOnlyList<string> command, CancellationToken cancel)
    {
        using var output = new MemoryStream();
        var request = new PodExecRequest(
            setting.Node.Name, setting.Pod.Metadata.Namespace!, setting.Pod.Metadata.Name,
                setting.Pod.Metadata.Uid!,
            spec.Name, command, Tty: false);
        var outcome = await PodProcesses.ExecAsync(
            spec, setting, process, request, new(null, output, null, null), cancel);
        cancel.ThrowIfCancellationRequested();
        if (outcome.Fault is { } fault) return new(false, fault.Message);
        var text = Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)Math.Min(output.Length, MostOutput));
        return new(outcome.ExitCode == 0,
            text.Length > 0 ? text.TrimEnd() : $"command ended with exit code {outcome.ExitCode}");
    }

    public async Task<ProbeOutcome> GetAsync(HttpGetAction get, CancellationToken cancel)
    {
        if (_target.Port(get.Port) is not { } port) return NoSuchPort(get.Port.ToString());
        var scheme = get.Scheme == "HTTPS" ? "https" : "http";
        var host = string.IsNullOrEmpty(get.Host) ? _target.PodAddress : get.Host;
        var path = string.IsNullOrEmpty(get.Path) ? "/" : get.Path[0] == '/' ? get.Path : "/" + get.Path;
        var uri = new Uri($"{scheme}://{Bracketed(host)}:{port}{path}");
        using var handler = Handler(host, port);
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.ConnectionClose = true;
        foreach (var field in get.HttpHeaders ?? [])
        {
            request.Headers.Remove(field.Name);
            request.Headers.TryAddWithoutValidation(field.Name, field.Value);
        }
        using var response = await client.SendAsync(request, cancel);
        var code = (int)response.StatusCode;
        return new(code is >= 200 and < 400, $"HTTP probe failed with statuscode: {code}");
    }

    private async Task<ProbeOutcome> ConnectAsync(TcpSocketAction tcp, CancellationToken cancel)
    {
        if (_target.Port(tcp.Port) is not { } port) return NoSuchPort(tcp.Port.ToString());
        var host = string.IsNullOrEmpty(tcp.Host) ? _target.PodAddress : tcp.Host;
        using var socket = await _target.ConnectAsync(host, port, cancel);
        return new(true, "");
    }

    /// <summary>gRPC over HTTP/2 without TLS.</summary>
    private async Task<ProbeOutcome> AskAsync(GrpcAction grpc, CancellationToken cancel)
    {
        using var handler = Handler(_target.PodAddress, grpc.Port);
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri($"http://{Bracketed(_target.PodAddress)}:{grpc.Port}{GrpcHealth.Path}"));
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Content = new ByteArrayContent(GrpcHealth.Request(grpc.Service ?? ""));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        using var response = await client.SendAsync(request, cancel);
        var body = await response.Content.ReadAsByteArrayAsync(cancel);
        // An error before any message comes with the headers, one after it with the trailers.
        var code = Field(response.TrailingHeaders, "grpc-status") ?? Field(response.Headers, "grpc-status");
        if (code is not (null or "0")) return new(false, $"gRPC answered with status code {code}");
        var status = GrpcHealth.Status(body);
        return new(status == GrpcHealth.Serving, status is null
            ? $"the answer (HTTP {(int)response.StatusCode}) is none of grpc.health.v1"
            : $"service unhealthy (status {status})");
    }

    private SocketsHttpHandler Handler(string host, int port)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = async (_, cancel) =>
                new NetworkStream(await _target.ConnectAsync(host, port, cancel), ownsSocket: true),
        };
        // A kubelet checks that somebody answers, not who: a probe's certificate is seldom one for an
        // address.
#pragma warning disable CA5359
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return handler;
    }

    private static ProbeOutcome NoSuchPort(string port) =>
        new(false, $"the container has no port '{port}'");

    private static string? Field(HttpHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.First() : null;

    private static string Bracketed(string host) => host.Contains(':') ? $"[{host}]" : host;
}
