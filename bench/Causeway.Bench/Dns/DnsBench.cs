using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Causeway.Bench.Labs;
using Causeway.Kubernetes;

namespace Causeway.Bench.Dns;

/// <summary>
/// <c>causeway dns</c> with the names of a live API against Debian's Knot with the same names in a zone file, both on
/// loopback, in turn: queries per second and processor time for one; latency while there is load; memory; and how long
/// a new Service takes to have an answer.
/// </summary>
internal static class DnsBench
{
    private const int Rounds = 5;
    private const int Probes = 2000;
    private const int NewServices = 31;

    /// <summary>A load that both carry with ease.</summary>
    private const int SteadyRate = 20_000;

    public static async Task Run(Harness harness)
    {
        var folder = Directory.CreateTempSubdirectory("causeway-bench-");
        try
        {
            await Run(harness, folder);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task Run(Harness harness, DirectoryInfo folder)
    {
        await using var api = await BenchServer.Start(TimeProvider.System);
        await BenchNames.Create(api.Client);
        var questions = Path.Combine(folder.FullName, "questions");
        await File.WriteAllTextAsync(questions, BenchNames.Questions());
        await using var ours = await Ours(folder, api);
        await using var knot = await Knot(folder);
        await Throughput(harness, ours, knot, questions);
        await Latency(harness, ours, knot, questions);
        await harness.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{"dns: memory, 10,000 services, 100,000 endpoints",-52} {ours.Memory:0} MB   knot {knot.Memory:0} MB (10,000 records, no endpoints)"));
        await UntilNamed(harness, ours, api.Client);
    }

    private static async Task Throughput(Harness harness, ServerProcess ours, ServerProcess knot, string questions)
    {
        List<DnsPerf> mine = [], theirs = [];
        for (var round = -1; round < Rounds; round++)
        {
            var (a, b) = (await DnsPerf.Run(ours, questions), await DnsPerf.Run(knot, questions));
            if (round < 0) continue;
            mine.Add(a);
            theirs.Add(b);
        }
        await Print("dns: queries per second", mine, theirs, p => p.PerSecond, "0");
        await Print("dns: processor time for a query (microseconds)", mine, theirs, p => p.Cpu, "0.00");
        await harness.Print($"{"dns: share of queries lost, the worst run",-52} {mine.Max(p => p.Lost):P3}   knot {theirs.Max(p => p.Lost):P3}");

        Task Print(string name, List<DnsPerf> a, List<DnsPerf> b, Func<DnsPerf, double> value, string format)
        {
            double Median(List<DnsPerf> runs) => runs.Select(value).Order().ElementAt(runs.Count / 2);
            string Text(double number) => number.ToString(format, CultureInfo.InvariantCulture);
            return harness.Print(
                $"{name,-52} median {Text(Median(a))}   knot {Text(Median(b))}   ratio {Median(a) / Median(b):0.00}");
        }
    }

    private static async Task Latency(Harness harness, ServerProcess ours, ServerProcess knot, string questions)
    {
        var (mine, theirs) = (await Latency(ours, questions), await Latency(knot, questions));
        await harness.Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{$"dns: latency at {SteadyRate:N0} queries/s",-52} median {mine.Median:0.000}  p99 {mine.Quantile(0.99):0.000} ms   knot median {theirs.Median:0.000}  p99 {theirs.Quantile(0.99):0.000} ms"));
    }

    private static async Task<Samples> Latency(ServerProcess server, string questions)
    {
        var load = DnsPerf.Run(server, questions, SteadyRate);
        await Task.Delay(300);
        using DnsProbe probe = new(server.Port);
        Samples samples = new();
        for (var i = 0; i < Probes; i++)
        {
            samples.Add(probe.Ask(BenchNames.NameOf(i)).Time);
            await Task.Delay(1);
        }
        await load;
        return samples;
    }

    private static async Task UntilNamed(Harness harness, ServerProcess ours, KubeClient client)
    {
        using DnsProbe probe = new(ours.Port);
        Samples samples = new();
        for (var i = 0; i < NewServices; i++)
        {
            var number = 20_000 + i;
            var name = BenchNames.NameOf(number);
            await client.Create(KubeTypes.Services, BenchNames.Service(number));
            // The API has it from here.
            var begin = Stopwatch.GetTimestamp();
            while (!probe.Ask(name).Found) { }
            samples.Add(Stopwatch.GetElapsedTime(begin));
            await Task.Delay(50);
        }
        await harness.Times("dns: from the Service's creation to its name's answer", samples);
    }

    private static async Task<ServerProcess> Ours(DirectoryInfo folder, BenchServer api)
    {
        var port = FreePort();
        var corefile = Path.Combine(folder.FullName, "Corefile");
        await File.WriteAllTextAsync(corefile, $$"""
            .:{{port}} {
                bind 127.0.0.1
                errors
                kubernetes cluster.local in-addr.arpa ip6.arpa {
                    ttl 30
                }
                cache 30
                loadbalance
            }
            """);
        ServerProcess server = new(
            port, Path.Combine(folder.FullName, "dns"), Executables.Find("causeway"), "dns", "--conf", corefile,
            "--kubeconfig", api.Kubeconfig);
        return await Ready(server);
    }

    private static async Task<ServerProcess> Knot(DirectoryInfo folder)
    {
        var port = FreePort();
        var home = folder.CreateSubdirectory("knot").FullName;
        await File.WriteAllTextAsync(Path.Combine(home, "cluster.local.zone"), BenchNames.ZoneFile());
        await File.WriteAllTextAsync(Path.Combine(home, "knot.conf"), $"""
            server:
                rundir: "{home}"
                listen: 127.0.0.1@{port}
                udp-workers: {Environment.ProcessorCount}
            database:
                storage: "{home}"
            zone:
              - domain: cluster.local
                file: "{home}/cluster.local.zone"
            """);
        return await Ready(new(port, Path.Combine(home, "log"), "/usr/sbin/knotd", "-c", Path.Combine(home, "knot.conf")));
    }

    private static async Task<ServerProcess> Ready(ServerProcess server)
    {
        using DnsProbe probe = new(server.Port);
        try
        {
            await probe.Until(BenchNames.Last, TimeSpan.FromMinutes(1));
            return server;
        }
        catch (TimeoutException)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static ushort FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
