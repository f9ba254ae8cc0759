using System.Net.Sockets;
using System.Text;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Lab.Nodes;

/// <summary>Asks an agent, as the plugin's STATUS does, whether a pod could be connected now.</summary>
internal static class AgentStatus
{
    private static readonly byte[] Question =
        Encoding.UTF8.GetBytes(new AgentRequest { Operation = AgentOperation.Status }.Print() + "\n");

    /// <summary>False too when nobody listens.</summary>
    public static async Task<bool> IsReadyAsync(string path, CancellationToken cancel)
    {
        if (!File.Exists(path)) return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            await socket.SendAsync(Question, cancel);
            var buffer = new byte[4096];
            // The answer is short: it comes as one piece.
            var count = await socket.ReceiveAsync(buffer, cancel);
            return count > 0 && AgentReply.Parse(buffer.AsSpan(0, count).TrimEnd((byte)'\n')).Error is null;
        }
        catch (Exception e) when (e is SocketException or CniException)
        {
            return false;
        }
    }
}
