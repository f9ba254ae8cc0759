using System.Collections;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Causeway.Linux.Processes;

/// <summary>Replaces this process by another program, as a shell's <c>exec</c> does.</summary>
public static partial class ProcessImage
{
    /// <summary>
    /// Does not return: terminal, signals, process id and exit code become those of the new program
    /// (execve(2)). Descriptors without close-on-exec stay open.
    /// </summary>
    /// <param name="path">The program's file.</param>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="environment">Added to this process's environment; null as a value removes a variable.</param>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public static void Replace(
        string path, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        string?[] argv = [path, .. arguments, null];
        string?[] envp = [.. Environment(environment ?? new Dictionary<string, string?>()), null];
        _ = Execve(path, argv, envp);
        throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static IEnumerable<string> Environment(IReadOnlyDictionary<string, string?> changes)
    {
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            if (!changes.ContainsKey((string)entry.Key)) yield return $"{entry.Key}={entry.Value}";
        foreach (var (name, value) in changes)
            if (value is not null) yield return $"{name}={value}";
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execve(string path, string?[] argv, string?[] envp);
}
