namespace Causeway.Lab.Capsule;

/// <summary>
/// How the init tells the verb that started it how far it is: one line for each step on standard output, which
/// is a pipe. Nobody reads it any more once the lab is up.
/// </summary>
public sealed class InitProgress(TextWriter output)
{
    /// <summary>The step after which the host's part is only to wait for the nodes.</summary>
    public const string Started = "started";

    /// <summary>Opens a line that says why the init gives up.</summary>
    public const string FailurePrefix = "failed: ";

    private readonly Lock _lock = new();

    public void Step(string what)
    {
        lock (_lock)
        {
            try
            {
                output.WriteLine(what);
                output.Flush();
            }
            catch (IOException)
            {
                // The verb was interrupted; the lab comes up all the same.
            }
        }
    }

    public void Failed(string why) => Step(FailurePrefix + why.ReplaceLineEndings(" "));
}
