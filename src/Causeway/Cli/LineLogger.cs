using Microsoft.Extensions.Logging;

namespace Causeway.Cli;

/// <summary>One line for each message: time in UTC, level, text. Writes whole lines, from any thread.</summary>
internal sealed class LineLogger(TextWriter output, LogLevel least, TimeProvider time) : ILogger
{
    private readonly Lock _gate = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var text = formatter(state, exception).ReplaceLineEndings(" ");
        var line = $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Word(logLevel)} {text}";
        lock (_gate)
        {
            try
            {
                output.WriteLine(line);
                output.Flush();
            }
            catch (IOException)
            {
                // A full disk must not stop a network.
            }
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Debug or LogLevel.Trace => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        _ => "error",
    };
}
