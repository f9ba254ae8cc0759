using Causeway.Core;

namespace Causeway.Lab.Capsule;

/// <summary>Programs of the host that the lab runs, found once by name.</summary>
public static class HostTool
{
    // An ordinary user's PATH often lacks the directories of the administrator's tools.
    private static readonly string[] Administrator = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>The program's path. Throws <see cref="InputException"/> naming the Debian package that holds it.</summary>
    public static string Find(string name, string package) => TryFind(name)
        ?? throw new InputException($"the program '{name}' is missing; install it with: apt-get install {package}");

    public static string? TryFind(string name)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return path.Concat(Administrator).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>How to run this very program again: the file, and what comes before its own arguments.</summary>
    public static (string Path, IReadOnlyList<string> Arguments) Self()
    {
        var path = Environment.ProcessPath ?? throw new InvalidOperationException("this process has no path");
        return Path.GetFileName(path) == "dotnet"
            ? (path, [Path.Combine(AppContext.BaseDirectory, "causeway.dll")])
            : (path, []);
    }
}
