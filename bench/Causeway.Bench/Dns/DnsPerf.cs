using System.Globalization;
using Causeway.Linux.Processes;

namespace Causeway.Bench.Dns;

/// <summary>One run of <c>dnsperf</c> against a server.</summary>
/// <param name="Cpu">The server's processor time for one query, in microseconds.</param>
internal sealed record DnsPerf(double PerSecond, double Lost, double Cpu)
{
    private const int Seconds = 4;

    /// <param name="limit">Queries per second; null: as many as go.</param>
    public static async Task<DnsPerf> Run(ServerProcess server, string queries, int? limit = null)
    {
        var text = (int number) => number.ToString(CultureInfo.InvariantCulture);
        List<string> program =
            ["dnsperf", "-s", "127.0.0.1", "-p", text(server.Port), "-d", queries, "-l", text(Seconds), "-c", "16", "-q", "200"];
        if (limit is { } most) program.AddRange(["-Q", text(most)]);
        var before = server.Cpu;
        var run = await ProcessSpawner.Run(program, timeout: TimeSpan.FromMinutes(1));
        var cpu = server.Cpu - before;
        if (!run.Succeeded) throw new InvalidOperationException($"dnsperf: {run.Output}{run.Error}");
        double Number(string label)
        {
            var line = run.Output.Split('\n').First(l => l.Contains(label, StringComparison.Ordinal));
            return double.Parse(line.Split(':')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        }
        var (sent, completed) = (Number("Queries sent:"), Number("Queries completed:"));
        // What answers at all must answer with records, or the servers do different work.
        if (!run.Output.Contains("NOERROR", StringComparison.Ordinal) || run.Output.Contains("NXDOMAIN", StringComparison.Ordinal))
            throw new InvalidOperationException($"not all names were answered: {run.Output}");
        return new(Number("Queries per second:"), (sent - completed) / sent, cpu.TotalMicroseconds / completed);
    }
}
