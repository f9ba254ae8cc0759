using System.Threading.Channels;

namespace Causeway.Lab.Controllers;

/// <summary>Keys to work on: one that waits is not added twice, one in work is taken again after it; failures
/// wait twice as long each time.</summary>
internal sealed class WorkQueue(TimeProvider time)
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

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

    /// <summary>Adds it later; earlier additions count too.</summary>
    public void AddAfter(string key, TimeSpan delay, CancellationToken cancel) =>
        _ = Task.Delay(delay, time, cancel).ContinueWith(
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

    public void Done(string key, bool failed, CancellationToken cancel)
    {
        var pause = TimeSpan.Zero;
        lock (_lock)
        {
            _working.Remove(key);
            if (_waiting.Contains(key)) _ready.Writer.TryWrite(key);
            if (!failed) _failures.Remove(key);
            else pause = FirstPause * Math.Pow(2,
                Math.Min(12, _failures[key] = _failures.GetValueOrDefault(key) + 1));
        }
        if (failed) AddAfter(key, pause < LongestPause ? pause : LongestPause, cancel);
    }
}
