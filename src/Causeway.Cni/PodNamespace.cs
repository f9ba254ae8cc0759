using Causeway.Core.Wire.Cni;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Cni;

/// <summary>The pod's network namespace, which this process, having one thread, enters itself and leaves
/// again.</summary>
internal sealed class PodNamespace : IDisposable
{
    private readonly SafeFileHandle _home;
    private readonly SafeFileHandle _pod;

    private PodNamespace(string path, SafeFileHandle home, SafeFileHandle pod)
    {
        Path = path;
        _home = home;
        _pod = pod;
    }

    public string Path { get; }

    /// <summary>An open descriptor.</summary>
    public int Descriptor => (int)_pod.DangerousGetHandle();

    /// <summary>Throws <see cref="CniException"/> with code 4 when there is no network namespace of its own
    /// at the path.</summary>
    public static PodNamespace Open(string path) =>
        TryOpen(path, out var problem) ?? throw new CniException(
            CniErrorCode.InvalidEnvironment, "invalid environment variable", $"CNI_NETNS: {problem}");

    public static PodNamespace? TryOpen(string path, out string problem)
    {
        problem = "";
        NamespaceThread.AdoptCurrent();
        var home = NetworkNamespace.Open(NetworkNamespace.Current);
        SafeFileHandle? pod = null;
        try
        {
            pod = NetworkNamespace.Open(path);
            if (!NetworkNamespace.IsOne(pod)) problem = $"'{path}' is no network namespace";
            else if (NetworkNamespace.Identity(pod) == NetworkNamespace.Identity(home))
                problem = $"'{path}' is the namespace of the node itself";
            else return new PodNamespace(path, home, pod);
        }
        catch (SystemCallException e)
        {
            problem = e.Message;
        }
        home.Dispose();
        pod?.Dispose();
        return null;
    }

    /// <summary>Runs a function inside.</summary>
    public T Inside<T>(Func<T> function)
    {
        NetworkNamespace.Enter(_pod, Path);
        try
        {
            return function();
        }
        finally
        {
            NetworkNamespace.Enter(_home, "the node's");
        }
    }

    public void Dispose()
    {
        _pod.Dispose();
        _home.Dispose();
    }
}
