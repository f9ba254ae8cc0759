using System.Globalization;
using System.Runtime.InteropServices;

namespace Causeway.Lab.Kubelet.Nodes;

/// <summary>Reads <see cref="MachineFacts"/> from this machine; what cannot be read is left empty.</summary>
internal static class Machine
{
    public static MachineFacts Read() => new(
        RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.Arm64 => "arm64",
            var other => other.ToString().ToLowerInvariant(),
        },
        First("/proc/sys/kernel/osrelease"), OsImage(), First("/proc/sys/kernel/random/boot_id"),
        Environment.ProcessorCount, MemoryKiB());

    private static string First(string path) => Lines(path) is [var first, ..] ? first.Trim() : "";

    private static string OsImage()
    {
        const string Key = "PRETTY_NAME=";
        foreach (var line in Lines("/etc/os-release"))
            if (line.StartsWith(Key, StringComparison.Ordinal)) return line[Key.Length..].Trim('"');
        return "Linux";
    }

    private static long MemoryKiB()
    {
        foreach (var line in Lines("/proc/meminfo"))
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)
                && long.TryParse(line["MemTotal:".Length..].Replace("kB", "").Trim(), NumberStyles.None,
                    null, out var size))
                return size;
        return 0;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
