using System.Runtime.InteropServices;

namespace Causeway.Cli;

/// <summary>
/// SIGTERM and SIGINT of a program that sees to its own end, from here until disposed: the first asks it to end, the
/// second ends it at once.
/// </summary>
internal sealed class EndSignals : IDisposable
{
    // 128 and the number of SIGTERM, as a shell gives it.
    private const int Terminated = 143;

    private readonly CancellationTokenSource _end;
    private readonly TimeSpan _patience;
    private readonly PosixSignalRegistration[] _registrations;
    private Timer? _timer;
    private int _asked;

    /// <param name="end">Cancelled by the first.</param>
    /// <param name="patience">How long the program may take before it is ended all the same; for ever where it is
    /// infinite.</param>
    public EndSignals(CancellationTokenSource end, TimeSpan patience)
    {
        (_end, _patience) = (end, patience);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take), PosixSignalRegistration.Create(PosixSignal.SIGINT, Take),
        ];
    }

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _timer?.Dispose();
    }

    private void Take(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref _asked) > 1) return;
        signal.Cancel = true;
        _timer = new(static _ => Environment.Exit(Terminated), null, _patience, Timeout.InfiniteTimeSpan);
        _end.Cancel();
    }
}
