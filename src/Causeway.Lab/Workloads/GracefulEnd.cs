using System.Runtime.InteropServices;

namespace Causeway.Lab.Workloads;

/// <summary>
/// What a server does with SIGTERM: it serves on for a moment, since proxies learn of its end only after it
/// has begun, then lets the requests it holds finish, and exits with 0.
/// </summary>
/// <param name="delay">How long it serves on.</param>
internal sealed class GracefulEnd(TimeSpan delay) : IDisposable
{
    public static readonly TimeSpan DefaultDelay = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LastRequests = TimeSpan.FromSeconds(5);

    private readonly ManualResetEventSlim _idle = new(initialState: true);
    private readonly Lock _gate = new();
    private PosixSignalRegistration? _registration;
    private int _requests;
    private volatile bool _ending;

    /// <summary>Connections are not to be kept for further requests.</summary>
    public bool IsEnding => _ending;

    /// <summary>From now on SIGTERM ends the process gracefully.</summary>
    public void Watch() => _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        lock (_gate)
        {
            if (_ending) return;
            _ending = true;
        }
        new Thread(End, maxStackSize: 128 * 1024) { IsBackground = true }.Start();
    });

    /// <summary>A request has come; the process stays until <see cref="Leave"/>.</summary>
    public void Enter()
    {
        lock (_gate)
            if (_requests++ == 0) _idle.Reset();
    }

    public void Leave()
    {
        lock (_gate)
            if (--_requests == 0) _idle.Set();
    }

    public void Dispose()
    {
        _registration?.Dispose();
        _idle.Dispose();
    }

    private void End()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(delay);
        _idle.Wait(LastRequests);
        Environment.Exit(0);
    }
}
