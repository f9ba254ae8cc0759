using System.Net;
using System.Net.Sockets;
using System.Text;
using Causeway.Lab.Workloads;
using CsCheck;

namespace Causeway.Lab.Tests.Workloads;

public sealed class HttpConversationTests
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 40000);

    [Theory]
    [InlineData("/", "web-1\n")]
    [InlineData("/hostname", "web-1")]
    [InlineData("/clientip", "127.0.0.1:40000")]
    [InlineData("/echo?msg=a+b%21", "a b!")]
    [InlineData("/healthz", "ok")]
    public void Answers_what_connectivity_tests_ask(string target, string body) =>
        Assert.Equal((200, body), new HttpAnswers("web-1", null).Request(target, Client));

    [Fact]
    public void Health_fails_and_heals_on_request_each_path_by_itself()
    {
        var answers = new HttpAnswers("web-1", null);
        Assert.Equal(200, answers.Request("/readyz/fail", Client).Status);
        Assert.Equal((503, "failing"), answers.Request("/readyz", Client));
        Assert.Equal((200, "ok"), answers.Request("/healthz", Client));
        answers.Request("/readyz/heal", Client);
        Assert.Equal((200, "ok"), answers.Request("/readyz", Client));
        Assert.Equal((200, "web-1\n"), answers.Request("/readyz/other", Client));
    }

    [Fact]
    public void Datagrams_speak_netexecs_words()
    {
        var answers = new HttpAnswers("web-1", null);
        Assert.Equal("web-1", answers.Datagram("hostname\n", Client));
        Assert.Equal("hi there", answers.Datagram("echo hi there", Client));
        Assert.Equal("127.0.0.1:7", answers.Datagram("clientip", new(IPAddress.Loopback.MapToIPv6(), 7)));
        Assert.Equal("", answers.Datagram("exit", Client));
    }

    [Fact]
    public void Keeps_the_connection_for_pipelined_requests_and_skips_bodies()
    {
        var replies = Talk(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
            + "GET /hostname HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.Equal(2, replies.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.EndsWith("\r\n\r\nweb-1", replies);
    }

    [Fact]
    public void Refuses_what_it_cannot_frame()
    {
        Assert.StartsWith("HTTP/1.1 400", Talk("hello\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 431", Talk(new string('x', 9000)));
        Assert.StartsWith("HTTP/1.1 400", Talk("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"));
    }

    [Fact]
    public void Any_head_parses_or_is_refused() => Gen.String.Sample(head => { HttpRequestHead.Parse(head); });

    private static string Talk(string request)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var server = new Thread(() =>
        {
            using var accepted = listener.Accept();
            new HttpConversation(new("web-1", null), new(TimeSpan.Zero)).Hold(accepted);
            // A reset would throw away what was already answered.
            accepted.Shutdown(SocketShutdown.Send);
            while (accepted.Receive(new byte[4096]) > 0) { }
        });
        server.Start();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        client.Send(Encoding.ASCII.GetBytes(request));
        var all = new StringBuilder();
        var buffer = new byte[4096];
        while (client.Receive(buffer) is > 0 and var count) all.Append(Encoding.UTF8.GetString(buffer, 0, count));
        client.Close();
        server.Join();
        return all.ToString();
    }
}
