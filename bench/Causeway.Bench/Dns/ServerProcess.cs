using System.Globalization;
using Causeway.Linux.Processes;

namespace Causeway.Bench.Dns;

/// <summary>A DNS server on loopback, and what it costs by the kernel's own account.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // _SC_CLK_TCK, which is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    private readonly ChildProcess _process;

    public ServerProcess(ushort port, string log, params string[] program)
    {
        Port = port;
        _process = ProcessSpawner.Spawn(new(program)
        {
            Output = ChildStream.File(log), Error = ChildStream.File(log + ".err"),
        });
    }

    public ushort Port { get; }

    /// <summary>User and system time of all its threads so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            // After the name, which stands in brackets: state is the third field, utime the 14th.
            var text = File.ReadAllText($"/proc/{_process.Pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            double Ticks(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds((Ticks(14) + Ticks(15)) / TicksPerSecond);
        }
    }

    /// <summary>Resident, in MiB.</summary>
    public double Memory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(Signal.Terminate);
        await _process.Exited;
    }
}
