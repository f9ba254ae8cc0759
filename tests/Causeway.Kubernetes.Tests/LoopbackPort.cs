using System.Net;
using System.Net.Sockets;

namespace Causeway.Kubernetes.Tests;

/// <summary>
/// A TCP port on loopback that nobody else is given, also while its server is away: a socket is bound to it that never
/// listens, so that connections are refused then. A server that names the port may listen on it.
/// </summary>
internal sealed class LoopbackPort : IDisposable
{
    private readonly Socket _held = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public LoopbackPort() => _held.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public IPEndPoint EndPoint => (IPEndPoint)_held.LocalEndPoint!;

    public void Dispose() => _held.Dispose();
}
