using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Causeway.Lab.Workloads;

/// <summary>A UDP server that answers each datagram with one.</summary>
internal sealed class UdpWorkload(int port, Func<string, IPEndPoint, string> answer)
{
    /// <summary>Serves for ever; throws <see cref="SocketException"/> when the port cannot be had.</summary>
    /// <param name="serving">Called once the port is open.</param>
    public void Run(Action serving)
    {
        using var socket = TcpWorkload.Bind(SocketType.Dgram, ProtocolType.Udp, port);
        serving();
        var buffer = new byte[65536];
        while (true)
        {
            EndPoint from = new IPEndPoint(
                socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
            try
            {
                var count = socket.ReceiveFrom(buffer, ref from);
                var reply = answer(Encoding.UTF8.GetString(buffer, 0, count), (IPEndPoint)from);
                if (reply.Length > 0) socket.SendTo(Encoding.UTF8.GetBytes(reply), from);
            }
            catch (SocketException)
            {
                // An ICMP error for an earlier answer: the next datagram is another client's.
            }
        }
    }
}
