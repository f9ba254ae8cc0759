using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Cni.Tests;

/// <summary>The list of deploy/, run as a runtime runs it, with the plugins of Debian's
/// containernetworking-plugins after ours.</summary>
public sealed class ChainTests
{
    private const string Debian = "/usr/lib/cni";

    private static readonly CniAttachment Pod = new()
    {
        ContainerId = "c1",
        Netns = "",
        Arguments = CniAttachment.KubernetesArguments("ns", "web", "c1", "u1"),
        CapabilityArguments = ImmutableDictionary<string, JsonElement>.Empty
            .Add("portMappings", JsonElement.Parse("""[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]"""))
            .Add("bandwidth", JsonElement.Parse(
                """{"ingressRate":100000000,"ingressBurst":800000,"egressRate":100000000,"egressBurst":800000}""")),
    };

    [Fact]
    public async Task Portmap_and_bandwidth_chain_after_ours()
    {
        Assert.SkipUnless(File.Exists(Debian + "/portmap"), "containernetworking-plugins is not installed");
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1 fd00::1", "10.244.0.2").Start();
        await node.ShellAsync("sysctl -qw net.ipv4.ip_forward=1");
        var (web, client) = (node.AddPod("web"), node.AddPod("client"));
        var list = NetworkList.Parse(await ListAsync(node), "10-causeway.conflist");
        var invoker = new CniInvoker((invocation, _) => ExecuteAsync(node, invocation), Debian);
        var pod = Pod with { Netns = web };

        var result = await invoker.AddAsync(list, pod, default);
        await node.AddAsync(client, "c2", node.Configuration());
        using var server = await ServeAsync(web, node);

        Assert.Equal("10.244.0.1/32", result.Ips[0].Address.ToString());
        await node.ShellAsync("ping -c1 -W60 10.244.0.1", client);
        Assert.Equal("hello", await node.ShellAsync("curl -sS -m 60 http://10.244.0.1/", client));
        Assert.Equal("hello", await node.ShellAsync("curl -sS -m 60 http://192.0.2.1:8080/", client));
        Assert.Contains("tbf", await node.ShellAsync($"tc qdisc show dev {result.Interfaces[0].Name}"));
        // Without portmap 1.1.1, which looks for the rules of IPv4 in the tables of IPv6.
        var others = list.Plugins.RemoveAll(plugin => plugin.Type == "portmap");
        await invoker.CheckAsync(list with { Plugins = others }, pod, result, default);

        await invoker.DeleteAsync(list, pod, result, default);

        Assert.DoesNotContain("8080", await node.ShellAsync("iptables-nft-save; iptables-legacy-save"));
        Assert.Equal(["c2/eth0"], agent.Taken.Keys);
        await TestNode.UntilAsync(async () => (await node.PodDevicesAsync()).Length == 1, "the pair is deleted");
    }

    private static async Task<string> ListAsync(TestNode node)
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Causeway.slnx"))) directory = Path.GetDirectoryName(directory)!;
        var text = await File.ReadAllTextAsync(Path.Combine(directory, "deploy", "10-causeway.conflist"));
        return text.Replace("\"causeway\" }", $"\"causeway\", \"socket\": \"{node.Socket}\" }}");
    }

    private static async Task<CniExit> ExecuteAsync(TestNode node, CniInvocation invocation)
    {
        var start = new ProcessStart(invocation.Plugin == "causeway"
            ? TestNode.Executable
            : Path.Combine(Debian, invocation.Plugin))
        {
            Environment = invocation.Environment
                .Append(new("PATH", Environment.GetEnvironmentVariable("PATH") ?? ""))
                .ToDictionary(v => v.Key, v => v.Value),
        };
        var run = await NetworkNamespace.Run(node.Namespace, () => ProcessSpawner.Run(
            start, invocation.Input, TimeSpan.FromSeconds(60)));
        return new CniExit(run.ExitCode, run.Output, run.Error);
    }

    /// <summary>Answers every HTTP request in the pod with <c>hello</c>.</summary>
    private static async Task<Listener> ServeAsync(string netns, TestNode node)
    {
        var socket = NetworkNamespace.Run(netns, () =>
        {
            var listener = new Socket(
                AddressFamily.InterNetwork, SocketType.Stream,
                ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Any, 80));
            listener.Listen();
            return listener;
        });
        var server = new Listener(socket);
        Assert.Equal("hello", await node.ShellAsync("curl -sS -m 60 http://10.244.0.1/"));
        return server;
    }

    private sealed class Listener : IDisposable
    {
        private readonly Socket _socket;

        public Listener(Socket socket)
        {
            _socket = socket;
            _ = Task.Run(ServeAsync);
        }

        public void Dispose() => _socket.Dispose();

        private async Task ServeAsync()
        {
            var request = new byte[4096];
            try
            {
                while (true)
                {
                    using var client = await _socket.AcceptAsync();
                    await client.ReceiveAsync(request);
                    await client.SendAsync(
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"u8.ToArray());
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                // The test is over.
            }
        }
    }
}
