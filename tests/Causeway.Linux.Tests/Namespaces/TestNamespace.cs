using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Tests.Namespaces;

/// <summary>A network namespace for one test, removed with it.</summary>
public sealed class TestNamespace : IDisposable
{
    public TestNamespace()
    {
        Name = $"cwt-{Guid.NewGuid():n}"[..16];
        NetworkNamespace.Create(Path);
    }

    public string Name { get; }

    public string Path => $"{NetworkNamespace.Directory}/{Name}";

    /// <summary>Runs a command line inside and gives its output; a failure throws with what it
    /// said.</summary>
    public string Run(string commandLine)
    {
        var run = NetworkNamespace.Run(Path, () => ProcessSpawner.Run(["sh", "-c", commandLine]));
        var result = run.GetAwaiter().GetResult();
        return result.Succeeded
            ? result.Output
            : throw new InvalidOperationException($"{commandLine}: exit {result.ExitCode}: {result.Error}");
    }

    public void Dispose() => NetworkNamespace.Delete(Path);
}
