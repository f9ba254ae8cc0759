using System.Globalization;
using Causeway.Linux.Processes;

namespace Causeway.Bench.Labs;

/// <summary>A lab of one's own for a bench, run by the natively built executable; gone when disposed.</summary>
internal sealed class BenchLab : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("causeway-bench-");
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"bench-{Environment.ProcessId}");

    private BenchLab()
    {
    }

    /// <summary>The agent's socket of a node, as the node's processes see it.</summary>
    public static string AgentSocket(string node) => $"/run/causeway/{node}/agent.sock";

    public static async Task<BenchLab> Up(params string[] options)
    {
        var lab = new BenchLab();
        await lab.Causeway(["lab", "up", "--lab", lab._name, .. options]);
        return lab;
    }

    /// <summary>Runs a program on a node; its output. Throws when it fails.</summary>
    public Task<string> OnNode(string node, params string[] program) =>
        Causeway(["lab", "node-exec", "--lab", _name, node, "--", .. program]);

    /// <summary>Runs a verb of the executable for this lab's state; its output.</summary>
    public async Task<string> Causeway(string[] arguments)
    {
        var start = new ProcessStart([Executables.Find("causeway"), .. arguments])
        {
            Environment = new Dictionary<string, string>
            {
                ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
                ["HOME"] = _state.FullName,
                ["CAUSEWAY_STATE"] = _state.FullName,
            },
        };
        var run = await ProcessSpawner.Run(start, "", Patience);
        return run.Succeeded
            ? run.Output
            : throw new InvalidOperationException($"causeway {string.Join(' ', arguments)}: {run.Output}{run.Error}");
    }

    public async ValueTask DisposeAsync()
    {
        await Causeway(["lab", "down", "--lab", _name]);
        _state.Delete(recursive: true);
    }
}
