using System.Net.Sockets;
using System.Text;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;

namespace Causeway.Agent.Endpoints;

/// <summary>Lines over a connected socket: one reader and one writer at a time.</summary>
internal sealed class LineChannel(Socket socket) : IDisposable
{
    private byte[] _buffer = new byte[4096];
    private int _filled;

    /// <summary>The next line without its end; null when the other side has gone. Throws
    /// <see cref="CniException"/> for a line without end.</summary>
    public async Task<byte[]?> ReadAsync(CancellationToken cancel)
    {
        var searched = 0;
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', searched, _filled - searched);
            if (end >= 0)
            {
                var line = _buffer[..end];
                Buffer.BlockCopy(_buffer, end + 1, _buffer, 0, _filled - end - 1);
                _filled -= end + 1;
                return line;
            }
            searched = _filled;
            if (_filled > AgentLine.MaxLength)
                throw new CniException(
                    CniErrorCode.Decode, $"a message is longer than {AgentLine.MaxLength} bytes");
            if (_filled == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
            var read = await ReceiveAsync(cancel);
            if (read == 0) return null;
            _filled += read;
        }
    }

    private async Task<int> ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            return await socket.ReceiveAsync(_buffer.AsMemory(_filled), cancel);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>False when the other side has gone.</summary>
    public async Task<bool> WriteAsync(string line, CancellationToken cancel)
    {
        try
        {
            ReadOnlyMemory<byte> rest = Encoding.UTF8.GetBytes(line + "\n");
            while (!rest.IsEmpty) rest = rest[await socket.SendAsync(rest, cancel)..];
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => socket.Dispose();
}
