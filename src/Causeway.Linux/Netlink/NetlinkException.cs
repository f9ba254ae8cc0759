using Causeway.Core.Wire.Netlink;
using Causeway.Linux.Native;

namespace Causeway.Linux.Netlink;

/// <summary>
/// The kernel refused a request: what was asked, the error's text and name, and the kernel's own explanation
/// where it gave one (extended acknowledgement).
/// </summary>
public sealed class NetlinkException : IOException
{
    public NetlinkException(string what, NetlinkAck ack)
        : base($"{what}: {Native.Errno.Describe(ack.Error)}{ack.Explanation}")
    {
        Errno = ack.Error;
        KernelText = ack.Text;
    }

    public NetlinkException() { }

    public NetlinkException(string message) : base(message) { }

    public NetlinkException(string message, Exception cause) : base(message, cause) { }

    public int Errno { get; }

    public string? KernelText { get; }
}
