using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Causeway.Core.Wire.Dns;

namespace Causeway.Bench.Dns;

/// <summary>Asks one question at a time.</summary>
internal sealed class DnsProbe : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 1000 };
    private readonly byte[] _bytes = new byte[Edns.RecommendedUdpSize];
    private ushort _id;

    public DnsProbe(ushort port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>How long the answer took, and whether it has records. Throws <see cref="SocketException"/> when none
    /// came within a second.</summary>
    public (TimeSpan Time, bool Found) Ask(DnsName name)
    {
        var length = DnsMessageWriter.Write(new() { Id = ++_id, Questions = [new(name, DnsType.A)] }, _bytes);
        var begin = Stopwatch.GetTimestamp();
        _socket.Send(_bytes.AsSpan(0, length));
        var received = _socket.Receive(_bytes);
        var time = Stopwatch.GetElapsedTime(begin);
        return (time, DnsMessageReader.TryRead(_bytes.AsSpan(0, received), out var reply, out _) && !reply.Answers.IsEmpty);
    }

    /// <summary>Until the name has an address.</summary>
    public async Task Until(DnsName name, TimeSpan patience)
    {
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < patience; await Task.Delay(20))
        {
            try
            {
                if (Ask(name).Found) return;
            }
            catch (SocketException)
            {
                // Not there yet.
            }
        }
        throw new TimeoutException($"{name} was not answered within {patience.TotalSeconds:0} s");
    }

    public void Dispose() => _socket.Dispose();
}
