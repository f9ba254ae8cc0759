using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Causeway.Lab.Workloads;

/// <summary>HTTP/1.x on one connection (RFC 9112): request heads up to 8 KiB, bodies of known length skipped,
/// keep-alive honoured.</summary>
internal sealed class HttpConversation(HttpAnswers answers, GracefulEnd end)
{
    private const int HeadLimit = 8192;
    private static readonly Stream Log = Console.OpenStandardOutput();

    public void Hold(Socket socket)
    {
        var client = HttpAnswers.Plain((IPEndPoint)socket.RemoteEndPoint!);
        var buffer = new byte[HeadLimit];
        var held = 0;
        while (true)
        {
            int length;
            while ((length = buffer.AsSpan(0, held).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (held == buffer.Length)
                {
                    Send(socket, 431, "request head over 8 KiB\n", keepAlive: false, withBody: true);
                    return;
                }
                var count = socket.Receive(buffer.AsSpan(held));
                if (count == 0) return;
                held += count;
            }
            if (HttpRequestHead.Parse(Encoding.Latin1.GetString(buffer, 0, length)) is not { } head)
            {
                Send(socket, 400, "not an HTTP/1.x request that this server reads\n", keepAlive: false,
                    withBody: true);
                return;
            }
            var rest = held - (length + 4);
            buffer.AsSpan(length + 4, rest).CopyTo(buffer);
            held = rest;
            if (!Reply(socket, client, head, buffer, ref held)) return;
        }
    }

    /// <summary>False when the conversation is over.</summary>
    private bool Reply(Socket socket, IPEndPoint client, HttpRequestHead head, byte[] buffer, ref int held)
    {
        end.Enter();
        try
        {
            if (!SkipBody(socket, buffer, ref held, head.ContentLength)) return false;
            var (status, body) = answers.Request(head.Target, client);
            var keepAlive = head.KeepAlive && !end.IsEnding;
            Send(socket, status, body, keepAlive, withBody: head.Method != "HEAD");
            Write($"{client} \"{head.Method} {head.Target}\" {status}\n");
            return keepAlive;
        }
        finally
        {
            end.Leave();
        }
    }

    private static bool SkipBody(Socket socket, byte[] buffer, ref int held, long length)
    {
        var early = (int)Math.Min(held, length);
        buffer.AsSpan(early, held - early).CopyTo(buffer);
        held -= early;
        var scratch = length > early ? new byte[4096] : [];
        for (var left = length - early; left > 0;)
        {
            var count = socket.Receive(scratch.AsSpan(0, (int)Math.Min(scratch.Length, left)));
            if (count == 0) return false;
            left -= count;
        }
        return true;
    }

    private static void Send(Socket socket, int status, string body, bool keepAlive, bool withBody)
    {
        var bytes = Encoding.UTF8.GetByteCount(body);
        var reason = status switch { 200 => "OK", 400 => "Bad Request", 503 => "Service Unavailable",
            _ => "Request Header Fields Too Large" };
        var head = $"HTTP/1.1 {status} {reason}\r\nServer: causeway\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + $"Content-Length: {bytes}\r\nConnection: {(keepAlive ? "keep-alive" : "close")}\r\n\r\n";
        TcpConversations.SendAll(socket, Encoding.UTF8.GetBytes(withBody ? head + body : head));
    }

    private static void Write(string line)
    {
        try
        {
            // One write per line: lines of several threads do not mix in a pipe.
            Log.Write(Encoding.UTF8.GetBytes(line));
        }
        catch (IOException)
        {
            // Nobody reads the log any more; serving goes on.
        }
    }
}

/// <summary>The part of a request that the server looks at.</summary>
internal sealed record HttpRequestHead(string Method, string Target, bool KeepAlive, long ContentLength)
{
    /// <summary>Null for what is not a request this server can frame.</summary>
    public static HttpRequestHead? Parse(string head)
    {
        var lines = head.Split("\r\n");
        var first = lines[0].Split(' ');
        if (first.Length != 3 || first[0].Length == 0 || first[1].Length == 0) return null;
        if (!first[2].StartsWith("HTTP/1.", StringComparison.Ordinal)) return null;
        var keepAlive = first[2] != "HTTP/1.0";
        long length = 0;
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0) return null;
            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].ToLowerInvariant())
            {
                case "content-length":
                    if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture,
                        out length)) return null;
                    break;
                case "transfer-encoding":
                    return null;
                case "connection":
                    if (value.Equals("close", StringComparison.OrdinalIgnoreCase)) keepAlive = false;
                    if (value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)) keepAlive = true;
                    break;
            }
        }
        return new(first[0], OriginForm(first[1]), keepAlive, length);
    }

    /// <summary>A proxy's absolute form (http://host/path) as the origin form.</summary>
    private static string OriginForm(string target)
    {
        const string scheme = "http://";
        if (!target.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return target;
        var slash = target.IndexOf('/', scheme.Length);
        return slash < 0 ? "/" : target[slash..];
    }
}
