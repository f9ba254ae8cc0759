using System.Text;
using Causeway.Linux.Native;

namespace Causeway.Linux.Namespaces;

/// <summary>A host name of the calling thread's own, which must be one of <see cref="NamespaceThread"/>; processes
/// that it spawns have it too (uts_namespaces(7)).</summary>
public static class HostNameNamespace
{
    /// <param name="hostName">At most 64 bytes.</param>
    public static unsafe void Unshare(string hostName)
    {
        NamespaceThread.Require();
        SystemCallException.Check(Libc.Unshare(Libc.CloneNewHostName), "cannot make a host name namespace");
        var bytes = Encoding.UTF8.GetBytes(hostName);
        fixed (byte* text = bytes)
            SystemCallException.Check(
                Libc.SetHostName(text, (nuint)bytes.Length), $"cannot set the host name '{hostName}'");
    }
}
