using System.Runtime.InteropServices;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Processes;

/// <summary>
/// How a server says that it serves now: one byte to a descriptor that its parent gave it. Looking from outside means
/// asking again and again, and each look in vain walks the whole machine's connections.
/// </summary>
public static class ReadyNotice
{
    private const int Descriptor = 3;
    private const string DescriptorText = "3";
    private const string Variable = "CAUSEWAY_READY_FD";

    /// <summary>The start of a server that calls <see cref="Tell"/>.</summary>
    /// <param name="pipe">The end to write to.</param>
    public static ProcessStart Ask(ProcessStart start, SafeHandle pipe) => start with
    {
        Descriptors = new Dictionary<int, ChildStream>(start.Descriptors) { [Descriptor] = ChildStream.Descriptor(pipe) },
        Environment = new Dictionary<string, string>(start.Environment ?? throw new ArgumentException(
            "a start that is to give notice needs an environment", nameof(start))) { [Variable] = DescriptorText },
    };

    /// <summary>Gives notice where somebody asked for it. Called once.</summary>
    public static unsafe void Tell()
    {
        if (Environment.GetEnvironmentVariable(Variable) != DescriptorText) return;
        using var pipe = new SafeFileHandle(Descriptor, ownsHandle: true);
        byte ready = 1;
        // A parent that no longer listens needs no notice.
        _ = Libc.Write(pipe, &ready, 1);
    }
}
