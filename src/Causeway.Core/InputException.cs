namespace Causeway.Core;

/// <summary>
/// The user's input is wrong: the message names the input, where it stood and what to do.
/// At the top of the program it becomes one line on standard error and exit code 2.
/// </summary>
public sealed class InputException : Exception
{
    public InputException(string message) : base(message) { }

    public InputException(string message, Exception cause) : base(message, cause) { }

    public InputException() { }
}
