using System.Threading.Channels;

namespace Causeway.Lab.Controllers;

/// <summary>Keys to work on: one that waits is not added twice, one in work is taken again after it; failures
/// wait twice as long each time, and one that was work rests before it is taken again.</summary>
internal sealed class WorkQueue(TimeProvider time)
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>A deadline in years is looked at in between: timers do not take it.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(200);

    private readonly Channel<string> _ready = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, int> _failures = [];
    private readonly HashSet<string> _waiting = [];
    private readonly HashSet<string> _working = [];
    private readonly Lock _lock = new();

    public void Add(string key)
    {
        lock (_lock)
        {
            if (_waiting.Add(key) && !_working.Contains(key)) _ready.Writer.TryWrite(key);
        }
    }

    /// <summary>Adds it later, within the hour; earlier additions count too.</summary>
    public void AddAfter(string key, TimeSpan delay, CancellationToken cancel) =>
        _ = Task.Delay(delay < LongestDelay ? delay : LongestDelay, time, cancel).ContinueWith(
            t =>
            {
                if (t.IsCompletedSuccessfully) Add(key);
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    /// <summary>The next key; give it back to <see cref="Done"/>.</summary>
    public async ValueTask<string> TakeAsync(CancellationToken cancel)
    {
        var key = await _ready.Reader.ReadAsync(cancel);
        lock (_lock)
        {
            _waiting.Remove(key);
            _working.Add(key);
        }
        return key;
    }

    /// <param name="rest">How long news of the key are gathered before it is taken again: those of a thousand pods that
    /// become ready one by one are not worth a thousand looks at a thousand pods.</param>
    public void Done(string key, bool failed, CancellationToken cancel, TimeSpan rest = default)
    {
        if (rest < ShortestRest) Release(key);
        else
            _ = Task.Delay(rest < LongestRest ? rest : LongestRest, time, cancel).ContinueWith(
                _ => Release(key), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var pause = TimeSpan.Zero;
        lock (_lock)
        {
            if (!failed) _failures.Remove(key);
            else pause = FirstPause * Math.Pow(2,
                Math.Min(12, _failures[key] = _failures.GetValueOrDefault(key) + 1));
        }
        if (failed) AddAfter(key, pause < LongestPause ? pause : LongestPause, cancel);
    }

    private void Release(string key)
    {
        lock (_lock)
        {
            _working.Remove(key);
            if (_waiting.Contains(key)) _ready.Writer.TryWrite(key);
        }
    }
}
