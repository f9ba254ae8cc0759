using System.Runtime.ExceptionServices;

namespace Causeway.Linux.Namespaces;

/// <summary>
/// Threads that may change their namespaces. A namespace is a property of a thread, and one that has changed
/// it must never serve anyone else: each call runs on a thread of its own that then ends. Inside, do
/// synchronous work only: no await (what follows would run elsewhere), no new thread, timer or task, and no
/// work for the pool, whose workers would be born in the namespace. <see cref="Processes.ProcessSpawner"/> is
/// safe inside.
/// </summary>
public static class NamespaceThread
{
    private const int StackBytes = 512 * 1024;

    [ThreadStatic]
    private static bool _dedicated;

    internal static bool IsCurrent => _dedicated;

    /// <summary>Runs a function on a fresh thread, which starts in the caller's namespaces, and waits for it.
    /// What it throws is thrown here.</summary>
    public static T Run<T>(Func<T> function)
    {
        HomeThread.Prepare();
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                _dedicated = true;
                try
                {
                    result = function();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            StackBytes) { IsBackground = true, Name = "namespace" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    public static void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>
    /// The calling thread may change its namespaces from now on. For the main thread of a short-lived program
    /// that starts no other: there a thread for each visit would cost more than all the rest.
    /// </summary>
    public static void AdoptCurrent() => _dedicated = true;

    /// <summary>Runs a function on the calling thread, which undoes itself what the function changes.</summary>
    internal static T Adopt<T>(Func<T> function)
    {
        HomeThread.Prepare();
        _dedicated = true;
        try
        {
            return function();
        }
        finally
        {
            _dedicated = false;
        }
    }

    internal static void Require()
    {
        if (!_dedicated)
            throw new InvalidOperationException("a thread may change its namespaces only within NamespaceThread.Run");
    }
}
