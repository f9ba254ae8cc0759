namespace Causeway.Cli;

/// <summary>What every verb ends with.</summary>
internal static class ExitCode
{
    public const int Good = 0;

    /// <summary>Problems found, unreachable, or the work failed.</summary>
    public const int Problems = 1;

    /// <summary>Wrong usage or wrong input.</summary>
    public const int Usage = 2;

    /// <summary>Could not tell.</summary>
    public const int Unknown = 3;
}
