using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Causeway.Core.Addressing;
using Causeway.Core.Wire.Dns;
using Causeway.Linux.Processes;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Dns;

/// <summary><c>causeway dns</c> as a process on loopback, with a lab's API.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private static readonly IpAddress Loopback = IpAddress.Parse("127.0.0.1");

    // Another run at the same time begins elsewhere.
    private static int _turn = Environment.ProcessId;

    private readonly string _folder = Directory.CreateTempSubdirectory("causeway-dns-").FullName;
    private ChildProcess? _process;

    private DnsServer(int port) => Port = port;

    public int Port { get; }

    public string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    /// <summary>What <c>dig</c> printed last.</summary>
    public string LastOutput { get; private set; } = "";

    private string Corefile => Path.Combine(_folder, "Corefile");

    /// <summary>Starts it and waits until it knows its names.</summary>
    /// <param name="plugins">Lines of a Corefile's server.</param>
    /// <param name="port">0: any free one.</param>
    public static async Task<DnsServer> StartAsync(LabHarness lab, string plugins, int port = 0)
    {
        DnsServer server = new(port > 0 ? port : FreePort());
        await server.WriteAsync(plugins);
        server._process = ProcessSpawner.Spawn(new(
            [lab.Executable, "dns", "--conf", server.Corefile,
                "--kubeconfig", Path.Combine(lab.State, "labs", "default", "kubeconfig")])
        {
            Input = ChildStream.Null,
            Output = ChildStream.Null,
            Error = ChildStream.File(Path.Combine(server._folder, "log")),
        });
        await LabHarness.Eventually("the DNS server is ready", () => Task.FromResult(
            File.Exists(Path.Combine(server._folder, "log")) && server.Log.Contains("ready: ", StringComparison.Ordinal)));
        return server;
    }

    /// <summary>Free for UDP and TCP, and below those that the kernel gives to sockets which name none.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            IPEndPoint place = new(Loopback.ToSystem(), 20_000 + (int)((uint)Interlocked.Increment(ref _turn) % 10_000));
            try
            {
                udp.Bind(place);
                tcp.Bind(place);
                return place.Port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    /// <summary>Puts another configuration in place, whole at once.</summary>
    public async Task WriteAsync(string plugins)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $".:{Port} {{\nbind {Loopback}\n{plugins}\n}}\n");
        await File.WriteAllTextAsync(Corefile + ".new", text);
        File.Move(Corefile + ".new", Corefile, overwrite: true);
    }

    /// <summary>What <c>dig +short</c> prints, in order and between commas; the outcome where it prints nothing.</summary>
    public async Task<string> DigAsync(params string[] question)
    {
        var run = await ProcessSpawner.Run(
            ["dig", $"@{Loopback}", "-p", Port.ToString(CultureInfo.InvariantCulture), "+time=5", "+tries=2", "+nosearch",
                "+noall", "+answer", "+comments", .. question], timeout: TimeSpan.FromSeconds(30));
        LastOutput = run.Output + run.Error;
        Assert.True(run.Succeeded, LastOutput);
        var lines = run.Output.Split('\n');
        var records = lines.Where(l => l.Length > 0 && l[0] != ';')
            .Select(l => l.Split((char[])[' ', '\t'], 5, StringSplitOptions.RemoveEmptyEntries)[4].Trim()).Order(StringComparer.Ordinal).ToList();
        var status = lines.First(l => l.Contains("status: ", StringComparison.Ordinal)).Split("status: ")[1].Split(',')[0];
        return records.Count > 0 ? string.Join(", ", records) : status;
    }

    /// <summary>Asks over and over until cancelled; how often, and how often no answer came.</summary>
    public async Task<(int Asked, int Lost)> LoadAsync(string name, CancellationToken cancel)
    {
        using UdpClient client = new();
        client.Connect(Loopback.ToSystem(), Port);
        var (asked, lost) = (0, 0);
        var query = new byte[512];
        while (!cancel.IsCancellationRequested)
        {
            asked++;
            DnsMessage message = new() { Id = (ushort)asked, Questions = [new(DnsName.Parse(name), DnsType.A)] };
            await client.SendAsync(query.AsMemory(0, DnsMessageWriter.Write(message, query)), CancellationToken.None);
            var answer = client.ReceiveAsync(CancellationToken.None).AsTask();
            if (await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(30), CancellationToken.None)) != answer) lost++;
            await Task.Delay(1, CancellationToken.None);
        }
        return (asked, lost);
    }

    /// <summary>Asks once over UDP; how many answers come until cancelled, at most one.</summary>
    public async Task<int> AnswersAsync(string name, DnsType type, CancellationToken cancel)
    {
        using UdpClient client = new();
        client.Connect(Loopback.ToSystem(), Port);
        var query = new byte[512];
        var length = DnsMessageWriter.Write(new() { Id = 1, Questions = [new(DnsName.Parse(name), type)] }, query);
        await client.SendAsync(query.AsMemory(0, length), CancellationToken.None);
        try
        {
            await client.ReceiveAsync(cancel);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    public void Terminate() => _process!.Kill(Signal.Terminate);

    /// <summary>Its exit code, once it has ended by itself.</summary>
    public async Task<int> EndedAsync()
    {
        var code = await _process!.Exited.WaitAsync(TimeSpan.FromSeconds(60));
        _process = null;
        Directory.Delete(_folder, recursive: true);
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        Terminate();
        Assert.Equal(0, await EndedAsync());
    }
}
