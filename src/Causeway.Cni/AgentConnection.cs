using System.Diagnostics;
using System.Text;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Native;
using Causeway.Linux.Sockets;

namespace Causeway.Cni;

/// <summary>A conversation with the node's agent. As long as it is open and nothing is committed, the agent
/// undoes everything when it ends.</summary>
internal sealed class AgentConnection : IDisposable
{
    /// <summary>For all answers together; kubelet's own patience is longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly UnixClient _socket;
    private readonly long _start = Stopwatch.GetTimestamp();
    private byte[] _buffer = new byte[1024];

    private AgentConnection(string path, UnixClient socket)
    {
        _path = path;
        _socket = socket;
    }

    /// <summary>Throws <see cref="CniException"/> with the code given when no agent answers.</summary>
    public static AgentConnection Open(
        NetworkConfiguration configuration, CniErrorCode whenAway = CniErrorCode.TryAgainLater)
    {
        var path = configuration.Socket ?? AgentLine.DefaultSocket;
        try
        {
            return new AgentConnection(path, UnixClient.Connect(path));
        }
        catch (SystemCallException e)
        {
            throw Away(path, $"{e.Message}; does the agent run?", whenAway);
        }
    }

    /// <summary>Asks and waits for the answer. An error of the agent is thrown as it is.</summary>
    public AgentReply Ask(AgentRequest request)
    {
        Send(request);
        return Receive();
    }

    public void Send(AgentRequest request)
    {
        try
        {
            _socket.Send(Encoding.UTF8.GetBytes(request.Print() + "\n"));
        }
        catch (SystemCallException e)
        {
            throw Away(_path, $"it does not listen: {e.Message}", CniErrorCode.TryAgainLater);
        }
    }

    /// <summary>Waits for the answer to what was sent. An error of the agent is thrown as it is.</summary>
    public AgentReply Receive()
    {
        var reply = AgentReply.Parse(ReadLine(Patience - Stopwatch.GetElapsedTime(_start)));
        return reply.Error is { } error ? throw new CniException(error) : reply;
    }

    /// <summary>The agent's refusal of what goes on, should it come within a moment; else null.</summary>
    public CniException? Refusal()
    {
        try
        {
            return AgentReply.Parse(ReadLine(Moment)).Error is { } error ? new(error) : null;
        }
        catch (CniException)
        {
            // It said nothing, or nothing that can be read.
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The first line that comes. What stands behind it answers what was sent after that was decided:
    /// a refusal ends the conversation.</summary>
    private byte[] ReadLine(TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        for (var filled = 0;;)
        {
            var read = Receive(filled, patience - Stopwatch.GetElapsedTime(start));
            if (read == 0) throw Away(_path, "it ended the connection", CniErrorCode.TryAgainLater);
            var end = _buffer.AsSpan(filled, read).IndexOf((byte)'\n');
            if (end >= 0) return _buffer[..(filled + end)];
            filled += read;
            if (filled == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        }
    }

    private int Receive(int offset, TimeSpan patience)
    {
        try
        {
            return _socket.Receive(_buffer.AsSpan(offset), patience);
        }
        catch (TimeoutException)
        {
            throw Away(
                _path, $"no answer within {Patience.TotalSeconds:0} seconds", CniErrorCode.TryAgainLater);
        }
        catch (SystemCallException)
        {
            return 0;
        }
    }

    private static CniException Away(string path, string problem, CniErrorCode code) => new(
        code,
        code == CniErrorCode.TryAgainLater ? "try again later" : "the plugin is not available",
        $"the agent of this node, on socket {path}: {problem}");
}
