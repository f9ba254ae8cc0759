using System.Runtime.InteropServices;

namespace Causeway.Linux.Native;

/// <summary>The kernel refused a system call: what was asked, and the error's text and name.</summary>
public sealed class SystemCallException : IOException
{
    public SystemCallException(string what, int errno) : base($"{what}: {Native.Errno.Describe(errno)}") =>
        Errno = errno;

    public SystemCallException() { }

    public SystemCallException(string message) : base(message) { }

    public SystemCallException(string message, Exception cause) : base(message, cause) { }

    public int Errno { get; }

    /// <summary>From the error number that the last P/Invoke of this thread left.</summary>
    public static SystemCallException FromLast(string what) => new(what, Marshal.GetLastPInvokeError());

    /// <summary>Throws when a call returned a negative number; else gives the number back.</summary>
    public static int Check(int result, string what) => result >= 0 ? result : throw FromLast(what);

    /// <summary>Throws for a call that returns its error number itself (posix_spawn and its kin).</summary>
    internal static void CheckCode(int errno, string what)
    {
        if (errno != 0) throw new SystemCallException(what, errno);
    }
}
