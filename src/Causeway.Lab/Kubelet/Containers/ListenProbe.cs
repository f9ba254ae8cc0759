using System.Globalization;
using System.Text;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>Whether a process's network namespace has a TCP listener, read from its own tables
/// (proc_pid_net(5)).</summary>
internal static class ListenProbe
{
    private const string ListenState = "0A";

    // A line and a half: the kernel puts listeners first, and walks the whole machine's connections for what follows.
    private const int PieceBytes = 256;

    public static bool IsListening(int pid, int port)
    {
        try
        {
            return Holds($"/proc/{pid}/net/tcp6", port) || Holds($"/proc/{pid}/net/tcp", port);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Lines of the table: number, local address and port in hex, remote, state, and more.
    private static bool Holds(string path, int port)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        using StreamReader table = new(file, Encoding.ASCII, false, PieceBytes);
        var wanted = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        table.ReadLine();
        while (table.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 3 && words[3] == ListenState
                && words[1].EndsWith(wanted, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
