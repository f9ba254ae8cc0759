using System.Globalization;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>Whether a process's network namespace has a TCP listener, read from its own tables
/// (proc_pid_net(5)).</summary>
internal static class ListenProbe
{
    private const string ListenState = "0A";

    public static bool IsListening(int pid, int port)
    {
        try
        {
            return Holds(File.ReadAllText($"/proc/{pid}/net/tcp"), port)
                || Holds(File.ReadAllText($"/proc/{pid}/net/tcp6"), port);
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Lines of the table: number, local address and port in hex, remote, state, and more.</summary>
    internal static bool Holds(string table, int port)
    {
        var wanted = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in table.Split('\n').Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 3 && words[3] == ListenState
                && words[1].EndsWith(wanted, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
