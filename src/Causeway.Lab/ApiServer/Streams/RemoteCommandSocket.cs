using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Rest;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Causeway.Lab.ApiServer.Streams;

/// <summary>
/// The remote command protocol over a WebSocket (RFC 6455; KEP-4006): each message begins with the number of
/// its channel. Version 5 adds a message that closes a channel, so that the end of standard input can be told.
/// </summary>
internal sealed class RemoteCommandSocket : IAsyncDisposable
{
    public const byte Stdin = 0;
    public const byte Stdout = 1;
    public const byte Stderr = 2;
    private const byte Error = 3;
    private const byte Resize = 4;
    private const byte Close = 255;
    private const int MaxMessage = 1 << 20;

    /// <summary>How long a client may take to read what was sent and say goodbye.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    /// <summary>A kubectl before 1.34 may read before it has made its streams, and throws away what comes for them
    /// (kubernetes/kubernetes#131203): the first message waits until it has surely made them.</summary>
    private static readonly TimeSpan Opening = TimeSpan.FromMilliseconds(50);

    public static readonly IReadOnlyList<string> Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ChannelInput? _stdin;
    private readonly Channel<TerminalSize>? _resizes;
    private readonly PodStreams _streams;
    private readonly Task _opened = Task.Delay(Opening);

    private RemoteCommandSocket(WebSocket socket, bool stdin, bool stdout, bool stderr, bool tty)
    {
        _socket = socket;
        if (stdin) _stdin = new();
        if (tty) _resizes = Channel.CreateUnbounded<TerminalSize>();
        _streams = new(
            _stdin, stdout ? new ChannelOutput(this, Stdout) : null, stderr
                ? new ChannelOutput(this, Stderr) : null,
            _resizes?.Reader);
    }

    public static bool IsUpgrade(HttpContext http) =>
        http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        && http.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase)
        && http.Request.Headers.SecWebSocketKey.Count == 1;

    /// <summary>The server's side of the opening handshake, RFC 6455 section 4.2.2.</summary>
    public static async Task<RemoteCommandSocket> AcceptAsync(
        HttpContext http, bool stdin, bool stdout, bool stderr, bool tty)
    {
        const string magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        var offered = http.Request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol");
        var protocol = Protocols.FirstOrDefault(offered.Contains) ?? throw StatusException.BadRequest(
            $"none of the offered protocols is known: offer one of {string.Join(", ", Protocols)}");
        var key = Encoding.ASCII.GetBytes(http.Request.Headers.SecWebSocketKey + magic);
        var headers = http.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
#pragma warning disable CA5350 // The handshake's own digest; it protects nothing.
        headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(key));
#pragma warning restore CA5350
        headers.SecWebSocketProtocol = protocol;
        var stream = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = true, SubProtocol = protocol, KeepAliveInterval = TimeSpan.FromSeconds(30),
        });
        return new(socket, stdin, stdout, stderr, tty);
    }

    /// <summary>Runs the command between the client's streams, tells how it ended, and closes.</summary>
    public async Task RunAsync(
        Func<PodStreams, CancellationToken, Task<ExecOutcome>> command, CancellationToken cancel)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var receiving = ReceiveAsync(gone);
        try
        {
            ExecOutcome outcome;
            try
            {
                outcome = await command(_streams, gone.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                outcome = ExecOutcome.Failed(e.Message);
            }
            await SendAsync(Error, Responses.Utf8(ToStatus(outcome)), gone.Token);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", gone.Token);
            // A connection that is cut before the client has read everything takes the rest away from it.
            await receiving.WaitAsync(Farewell, gone.Token);
        }
        catch (Exception e) when (
            e is OperationCanceledException or WebSocketException or IOException or TimeoutException)
        {
            // The client went away before the end: there is nobody to tell.
        }
        await gone.CancelAsync();
        await receiving;
    }

    public async Task SendAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        byte[] message = [channel, .. data.Span];
        await _opened.WaitAsync(cancel);
        await _sending.WaitAsync(cancel);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, true, cancel);
        }
        finally
        {
            _sending.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _sending.Dispose();
        _stdin?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReceiveAsync(CancellationTokenSource gone)
    {
        var buffer = new byte[32 << 10];
        var message = new MemoryStream();
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), gone.Token);
                if (received.MessageType == WebSocketMessageType.Close) break;
                message.Write(buffer.AsSpan(0, received.Count));
                if (message.Length > MaxMessage) break;
                if (!received.EndOfMessage) continue;
                Take(message.ToArray());
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // The connection is lost or no longer wanted.
        }
        _stdin?.Finish();
        _resizes?.Writer.TryComplete();
        await gone.CancelAsync();
    }

    private void Take(byte[] message)
    {
        switch (message)
        {
            case [Stdin, .. var data]:
                _stdin?.Add(data);
                break;
            case [Close, Stdin]:
                _stdin?.Finish();
                break;
            case [Resize, .. var json]:
                if (SizeOf(json) is { } size) _resizes?.Writer.TryWrite(size);
                break;
        }
    }

    private static TerminalSize? SizeOf(byte[] json)
    {
        try
        {
            var node = JsonNode.Parse(json);
            return node.Number("Width") is { } width and > 0 and <= ushort.MaxValue
                && node.Number("Height") is { } height and > 0 and <= ushort.MaxValue
                ? new((ushort)width, (ushort)height) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject ToStatus(ExecOutcome outcome)
    {
        JsonObject status = new() { ["kind"] = "Status", ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject() };
        if (outcome is { Fault: null, ExitCode: 0 })
        {
            status["status"] = "Success";
            return status;
        }
        status["status"] = "Failure";
        if (outcome.Fault is { } fault)
        {
            status["reason"] = "InternalError";
            status["message"] = fault.Message;
            status["code"] = 500;
            return status;
        }
        status["reason"] = "NonZeroExitCode";
        status["message"] = $"command terminated with non-zero exit code: exit status {outcome.ExitCode}";
        status["details"] = new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "ExitCode", ["message"] = outcome.ExitCode.ToString(),
            }),
        };
        return status;
    }
}
