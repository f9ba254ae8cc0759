using System.Runtime.InteropServices;
using Causeway.Linux.Native;

namespace Causeway.Linux.Netlink;

/// <summary>The index of a device by its name, without its other three dozen attributes.</summary>
public static class DeviceIndex
{
    /// <summary>In the calling thread's network namespace. Throws <see cref="SystemCallException"/> when there
    /// is no such device.</summary>
    public static int Of(string device)
    {
        var index = Libc.InterfaceIndex(device);
        return index != 0
            ? (int)index
            : throw new SystemCallException($"cannot find device {device}", Marshal.GetLastPInvokeError());
    }

    /// <summary>In the calling thread's network namespace; 0 when there is no such device.</summary>
    public static int Find(string device) => (int)Libc.InterfaceIndex(device);
}
