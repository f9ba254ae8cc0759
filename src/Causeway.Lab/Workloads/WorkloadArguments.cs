using System.Globalization;

namespace Causeway.Lab.Workloads;

/// <summary>Options of the built-in programs, read the way Go's flag packages do: one dash or two, the value
/// after <c>=</c> or as the next argument.</summary>
internal static class WorkloadArguments
{
    /// <summary>The last value given for an option; null when it is absent.</summary>
    public static string? Read(IReadOnlyList<string> args, string option)
    {
        string? value = null;
        for (var i = 0; i < args.Count; i++)
        {
            if (!args[i].StartsWith('-')) continue;
            var name = args[i].TrimStart('-');
            if (name == option && i + 1 < args.Count) value = args[i + 1];
            else if (name.StartsWith(option + "=",
                StringComparison.Ordinal)) value = name[(option.Length + 1)..];
        }
        return value;
    }

    /// <summary>Whole seconds, at most an hour.</summary>
    public static bool TrySeconds(string text, out TimeSpan time)
    {
        var good = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= 3600;
        time = TimeSpan.FromSeconds(seconds);
        return good;
    }

    public static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is >= 1 and <= 65535;
}
