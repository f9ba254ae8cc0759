using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Causeway.Linux.Namespaces;

/// <summary>
/// Starts threads in the namespaces where the process is at home. A thread is born in the namespaces of the
/// one that starts it, and the runtime starts its pool's workers from whichever thread hands it work; so a
/// thread that has changed its namespaces must start none, nor hand anything to the pool.
/// </summary>
internal static class HomeThread
{
    private const int StackBytes = 256 * 1024;

    private static readonly BlockingCollection<Thread> Requests = [];

    private static readonly Lazy<Thread> Starter = new(() =>
    {
        // The threads of the timers and of the sockets feed the pool too, and are started by the first that there is.
        using var timer = new Timer(static _ => { }, null, Timeout.Infinite, Timeout.Infinite);
        StartSockets();
        var thread = new Thread(
            static () =>
            {
                foreach (var request in Requests.GetConsumingEnumerable()) request.Start();
            },
            StackBytes) { IsBackground = true, Name = "starter" };
        thread.Start();
        return thread;
    });

    private static void StartSockets()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        // Nobody can send to it: it waits until it is closed, a moment later.
        _ = socket.ReceiveAsync(new ArraySegment<byte>(new byte[1])).ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    /// <summary>Called before a thread first changes its namespaces.</summary>
    public static void Prepare() => _ = Starter.Value;

    /// <summary>Starts a background thread.</summary>
    public static void Start(string name, Action action)
    {
        var thread = new Thread(() => action(), StackBytes) { IsBackground = true, Name = name };
        if (NamespaceThread.IsCurrent) Requests.Add(thread);
        else thread.Start();
    }

    /// <summary>Runs a function on a thread of its own; the task completes on that thread, so what follows is
    /// at home too.</summary>
    public static Task<T> Run<T>(string name, Func<T> function)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(name, () =>
        {
            try
            {
                result.SetResult(function());
            }
            catch (OperationCanceledException e)
            {
                result.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
        return result.Task;
    }
}
