using System.Globalization;

namespace Causeway.Lab.Capsule;

/// <summary>
/// One process for certain: a process id is reused, an id with its start time (clock ticks since boot,
/// proc(5) field 22) in one boot is not.
/// </summary>
public sealed record ProcessIdentity(int Pid, ulong StartTime, string Boot)
{
    private const string BootIdPath = "/proc/sys/kernel/random/boot_id";

    /// <summary>Null when there is no such process, or only what is left of one that has ended.</summary>
    public static ProcessIdentity? Of(int pid)
    {
        var stat = ProcessStat.Read("/proc", pid);
        return stat is null or { IsEnded: true } ? null : new(pid, stat.StartTime, BootId());
    }

    /// <summary>True while exactly this process lives.</summary>
    public bool IsAlive() => Of(Pid) == this;

    private static string BootId() => File.ReadAllText(BootIdPath).Trim();
}

/// <summary>The two fields of <c>/proc/PID/stat</c> (proc(5)) that the lab asks for.</summary>
/// <param name="State">R, S, D, T, Z, X...</param>
/// <param name="StartTime">Clock ticks since boot.</param>
public sealed record ProcessStat(char State, ulong StartTime)
{
    public bool IsEnded => State is 'Z' or 'X';

    public bool IsStopped => State is 'T' or 't';

    /// <summary>Null when there is no such process.</summary>
    public static ProcessStat? Read(string proc, int pid)
    {
        try
        {
            return Parse(File.ReadAllText($"{proc}/{pid}/stat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The process's name, in parentheses, may hold blanks and parentheses itself. Null when malformed.</summary>
    public static ProcessStat? Parse(string text)
    {
        var name = text.LastIndexOf(')');
        if (name < 0) return null;
        var fields = text[(name + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 20 || fields[0].Length != 1) return null;
        return ulong.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? new(fields[0][0], start)
            : null;
    }
}
