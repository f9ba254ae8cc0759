using System.Runtime.InteropServices;

namespace Causeway.Linux.Processes;

/// <summary>What a child's descriptor is connected to: one of the nested cases.</summary>
public abstract record ChildStream
{
    private ChildStream() { }

    /// <summary>The caller's own descriptor of the same number.</summary>
    public static readonly ChildStream Inherit = new Inherited();

    /// <summary>/dev/null.</summary>
    public static readonly ChildStream Null = new Discarded();

    /// <summary>An open descriptor; the caller keeps it and may close it once the child is started.</summary>
    public static ChildStream Descriptor(SafeHandle handle) => new Given(handle);

    /// <summary>A file, read for standard input, else created where it is missing (mode 0644) and appended
    /// to.</summary>
    public static ChildStream File(string path) => new Named(path);

    internal sealed record Inherited : ChildStream;

    internal sealed record Discarded : ChildStream;

    internal sealed record Given(SafeHandle Handle) : ChildStream;

    internal sealed record Named(string Path) : ChildStream;
}
