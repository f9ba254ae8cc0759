using System.Text;

namespace Causeway.Linux.Processes;

/// <summary>A program to start.</summary>
/// <param name="Arguments">The program first; without a slash it is looked for in this process's
/// PATH.</param>
public sealed record ProcessStart(IReadOnlyList<string> Arguments)
{
    public ProcessStart(params string[] arguments) : this((IReadOnlyList<string>)arguments) { }

    /// <summary>The whole environment; null passes on this process's.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Null keeps the calling thread's.</summary>
    public string? WorkingDirectory { get; init; }

    public ChildStream Input { get; init; } = ChildStream.Null;

    public ChildStream Output { get; init; } = ChildStream.Inherit;

    public ChildStream Error { get; init; } = ChildStream.Inherit;

    /// <summary>Makes the child the leader of a session and process group of its own:
    /// <see cref="ChildProcess.KillGroup"/> then reaches its descendants.</summary>
    public bool NewSession { get; init; }

    /// <summary>More descriptors, by their number in the child (3 and up). All others are closed.</summary>
    public IReadOnlyDictionary<int, ChildStream> Descriptors { get; init; } = new Dictionary<int, ChildStream>();
}

/// <summary>What a finished program left.</summary>
/// <param name="ExitCode">0..255, or 128 + signal for a death by signal.</param>
/// <param name="Bytes">What it wrote to its output, as it came.</param>
public sealed record ProcessResult(int ExitCode, ReadOnlyMemory<byte> Bytes, string Error)
{
    public string Output => field ??= Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The process's id while it ran.</summary>
    public int ProcessId { get; init; }

    public bool Succeeded => ExitCode == 0;
}
