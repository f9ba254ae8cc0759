using System.Globalization;

namespace Causeway.Bench;

/// <summary>
/// Runs a thing several times, ours and, where there is one, a peer's in turn, so that what else the machine
/// does falls on both alike; prints median, least and most, and the ratio of the medians.
/// </summary>
internal sealed class Harness(TextWriter output, TimeProvider time)
{
    private const int Runs = 7;
    private const int LatencyRuns = 101;

    /// <summary>Operations in a second.</summary>
    /// <param name="operations">How many one run does.</param>
    public async Task Rate(string name, int operations, Func<Task> ours, Func<Task>? peer = null)
    {
        await ours();
        if (peer is not null) await peer();
        List<double> mine = [];
        List<double> theirs = [];
        for (var i = 0; i < Runs; i++)
        {
            mine.Add(await PerSecond(operations, ours));
            if (peer is not null) theirs.Add(await PerSecond(operations, peer));
        }
        var line = $"{name,-52} {Spread(mine)}/s";
        if (peer is not null)
            line += $"   peer {Spread(theirs)}/s   ratio {Median(mine) / Median(theirs):0.00}";
        await output.WriteLineAsync(line);
    }

    /// <summary>Milliseconds of one operation; <paramref name="undo"/> puts things back, unmeasured.</summary>
    public async Task Latency(
        string name, Func<Task> ours, Func<Task> undo, string peerName, Func<Task> peer, Func<Task> undoPeer)
    {
        List<double> mine = [];
        List<double> theirs = [];
        for (var i = 0; i <= LatencyRuns; i++)
        {
            var (a, b) = (await Milliseconds(ours, undo), await Milliseconds(peer, undoPeer));
            // The first warms caches up.
            if (i == 0) continue;
            mine.Add(a);
            theirs.Add(b);
        }
        await output.WriteLineAsync(
            $"{name,-52} {Milliseconds(mine)}   {peerName} {Milliseconds(theirs)}   "
            + $"ratio {Median(mine) / Median(theirs):0.000}");
    }

    private async Task<double> Milliseconds(Func<Task> run, Func<Task> undo)
    {
        var started = time.GetTimestamp();
        await run();
        var elapsed = time.GetElapsedTime(started).TotalMilliseconds;
        await undo();
        return elapsed;
    }

    private static string Milliseconds(List<double> values) =>
        $"median {Median(values):0.000} ms  min {values.Min():0.000}  max {values.Max():0.000}";

    /// <summary>What the caller measured itself, each in turn with the peer's.</summary>
    public async Task Times(string name, Samples ours, Samples? peer = null)
    {
        var line = $"{name,-52} {ours} ms";
        if (peer is not null)
            line += string.Create(
                CultureInfo.InvariantCulture, $"   peer {peer} ms   ratio {ours.Median / peer.Median:0.00}");
        await output.WriteLineAsync(line);
    }

    /// <summary>Lines that another process of this bench measured.</summary>
    public Task Print(string lines) => output.WriteLineAsync(lines);

    private async Task<double> PerSecond(int operations, Func<Task> run)
    {
        var started = time.GetTimestamp();
        await run();
        return operations / time.GetElapsedTime(started).TotalSeconds;
    }

    private static string Spread(List<double> values) =>
        $"median {Number(Median(values))}  min {Number(values.Min())}  max {Number(values.Max())}";

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Number(double value) =>
        value.ToString("N0", CultureInfo.InvariantCulture).PadLeft(9);
}
