namespace Causeway.Linux.Processes;

/// <summary>Signals, by their Linux numbers.</summary>
public enum Signal
{
    /// <summary>Asks whether the process is there; delivers nothing.</summary>
    None = 0,
    Hangup = 1,
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    User1 = 10,
    User2 = 12,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
