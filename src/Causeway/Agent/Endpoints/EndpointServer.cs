using System.Net.Sockets;
using System.Runtime.InteropServices;
using Causeway.Core;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Agent.Endpoints;

/// <summary>
/// The agent's end of the plugin's socket (see Core's Wire/AgentProtocol): accepts, checks that the peer is
/// root, reads requests and answers them.
/// </summary>
internal sealed class EndpointServer : IDisposable
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredentials = 17; // SO_PEERCRED: pid, uid, gid, 32 bits each
    private const int LongestPath = 107;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than any plugin waits for its answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _path;
    private readonly EndpointEffects _effects;
    private readonly EndpointLifecycle _lifecycle;
    private readonly TimeProvider _time;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <param name="runDirectory">Where the socket is made; must exist.</param>
    public EndpointServer(
        string runDirectory, string node, EndpointStore store, EndpointEffects effects, TimeProvider time)
    {
        _path = Path.Combine(runDirectory, AgentLine.SocketName);
        _effects = effects;
        _time = time;
        _lifecycle = new EndpointLifecycle(node, store, effects, time);
    }

    /// <summary>Listens. A socket that a dead agent left is replaced; with one alive it throws
    /// <see cref="InputException"/>.</summary>
    public void Start()
    {
        var unfinished = _path + ".new";
        if (System.Text.Encoding.UTF8.GetByteCount(unfinished) > LongestPath)
            throw new InputException(
                $"--run-dir: the socket's path '{_path}' is longer than the kernel allows");
        if (IsAlive())
            throw new InputException(
                $"another agent listens on '{_path}': stop it, or give another --run-dir");
        File.Delete(unfinished);
        _listener.Bind(new UnixDomainSocketEndPoint(unfinished));
        // Under its final name the socket is never open to others, and never missing while one replaces
        // another.
        File.SetUnixFileMode(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _listener.Listen(256);
        File.Move(unfinished, _path, overwrite: true);
    }

    /// <summary>Serves until cancelled; then ADDs under way are rolled back and device deletions
    /// finished.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var sessions = new HashSet<Task>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(stop);
                sessions.RemoveWhere(s => s.IsCompleted);
                sessions.Add(ServeAsync(socket, stop));
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException e)
            {
                // Out of descriptors, most likely: give some back before the next one.
                _effects.Log($"cannot accept on {_path}: {e.Message}");
                sessions.RemoveWhere(s => s.IsCompleted);
                await Task.WhenAny([.. sessions, Task.Delay(AcceptPause, CancellationToken.None)]);
            }
        }
        File.Delete(_path);
        _listener.Close();
        await Task.WhenAll(sessions);
        await _lifecycle.Settled();
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(Socket socket, CancellationToken stop)
    {
        using var channel = new LineChannel(socket);
        try
        {
            if (!IsRoot(socket))
            {
                await SendAsync(channel, Refusal(CniErrorCode.Agent, "only root may ask this agent", ""));
                return;
            }
            var requests = new RequestReader(channel, stop);
            while (await requests.Ahead is { } request)
            {
                requests.Pass();
                var reply = await AnswerAsync(request, channel, requests, stop);
                _effects.Finished(request.Operation, reply.Error);
                if (!await SendAsync(channel, reply)) return;
            }
        }
        catch (CniException e)
        {
            await SendAsync(channel, new AgentReply(e.Error));
        }
        catch (OperationCanceledException)
        {
            // The agent stops; the plugin sees the connection end.
        }
    }

    private async Task<AgentReply> AnswerAsync(
        AgentRequest request, LineChannel channel, RequestReader requests, CancellationToken stop)
    {
        // An ADD sees that its plugin has gone, and others are not worked on for nobody.
        using var patience = new CancellationTokenSource(Patience, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            switch (request.Operation)
            {
                case AgentOperation.Add:
                    return await _lifecycle.AddAsync(
                        request, reply => SendAsync(channel, reply), requests, stop);
                case AgentOperation.Delete:
                    await _lifecycle.DeleteAsync(request.Handle, end.Token);
                    return AgentReply.Done;
                case AgentOperation.Check:
                    return await _lifecycle.CheckAsync(request, end.Token);
                case AgentOperation.Status:
                    return _effects.Status() is { } reason ? new AgentReply(reason) : AgentReply.Done;
                case AgentOperation.Collect:
                    await _lifecycle.CollectAsync(request.Valid, end.Token);
                    return AgentReply.Done;
                default:
                    return Refusal(CniErrorCode.Decode, "install and commit come after add", "");
            }
        }
        catch (CniException e)
        {
            return new AgentReply(e.Error);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Refusal(CniErrorCode.TryAgainLater, "try again later", "the agent is stopping");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Refusal(CniErrorCode.TryAgainLater, "try again later", $"not done within {Patience.TotalSeconds:0} seconds");
        }
        catch (OperationCanceledException)
        {
            return Refusal(CniErrorCode.Cancelled, "the pod was deleted while its ADD ran", request.Handle);
        }
        catch (Exception e)
        {
            _effects.Log($"{request.Operation} of {request.Handle} failed: {e}");
            return Refusal(CniErrorCode.Agent, "the agent could not do its part", e.Message);
        }
    }

    // An answer is short and goes into the socket's buffer; whoever does not read it is not waited for.
    private static async Task<bool> SendAsync(LineChannel channel, AgentReply reply)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            return await channel.WriteAsync(reply.Print(), patience.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static AgentReply Refusal(CniErrorCode code, string message, string details) =>
        new(new CniError(code, message, details));

    private static bool IsRoot(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return MemoryMarshal.Read<uint>(credentials[4..]) == 0;
    }

    private bool IsAlive()
    {
        if (!File.Exists(_path)) return false;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(_path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
