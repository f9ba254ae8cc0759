namespace Causeway.Lab.Capsule;

/// <summary>Why a machine does not let an ordinary user make namespaces, and what to do.</summary>
public static class CapsuleRefusal
{
    private const string Otherwise = "Or run the same command as root: a lab works the same way there.";

    /// <summary>Null when nothing known stands in the way.</summary>
    /// <param name="read">Gives the value of a file below /proc/sys, null when absent.</param>
    public static string? Explain(Func<string, string?> read)
    {
        if (read("kernel/unprivileged_userns_clone") == "0")
            return Say("kernel.unprivileged_userns_clone", "0", "1");
        if (read("user/max_user_namespaces") == "0")
            return Say("user.max_user_namespaces", "0", "10000");
        if (read("kernel/apparmor_restrict_unprivileged_userns") == "1")
            return Say("kernel.apparmor_restrict_unprivileged_userns", "1", "0");
        return null;
    }

    /// <summary>The same for this machine.</summary>
    public static string? Explain() => Explain(ReadSysctl);

    private static string Say(string name, string now, string wanted) =>
        $"this machine forbids user namespaces to ordinary users ({name}={now}). "
        + $"Its administrator allows them with: sysctl -w {name}={wanted}. {Otherwise}";

    private static string? ReadSysctl(string path)
    {
        try
        {
            return File.ReadAllText("/proc/sys/" + path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
