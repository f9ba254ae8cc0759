using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Kubelet.Pods;

/// <summary>Ends what a pod left behind: processes that left their group but not the pod's network.</summary>
internal static class PodTeardown
{
    /// <summary>How many rounds are enough against processes that start others while they are looked
    /// for.</summary>
    private const int Rounds = 5;

    public static void KillRemaining(string namespacePath)
    {
        if (!File.Exists(namespacePath)) return;
        var wanted = $"net:[{NetworkNamespace.Identity(namespacePath).Inode}]";
        for (var round = 0; round < Rounds && KillOnce(wanted); round++) { }
    }

    private static bool KillOnce(string wanted)
    {
        var found = false;
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(path.AsSpan()), out var pid)
                || pid == Environment.ProcessId) continue;
            if (NamespaceOf(path) != wanted) continue;
            using var process = RunningProcess.Open(pid);
            // Asked again with the process in hand: the number may have been another's a moment ago.
            if (process is null || NamespaceOf(path) != wanted) continue;
            found |= process.Send(Signal.Kill);
            process.WaitForExit(TimeSpan.FromSeconds(1));
        }
        return found;
    }

    private static string? NamespaceOf(string processDirectory)
    {
        try
        {
            return new FileInfo(processDirectory + "/ns/net").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended, or it is somebody else's.
            return null;
        }
    }
}
