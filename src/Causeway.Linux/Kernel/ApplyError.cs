using Causeway.Core.Dataplane;

namespace Causeway.Linux.Kernel;

/// <summary>An operation that the kernel refused.</summary>
/// <param name="Message">What was asked, the error's text and name, and the kernel's explanation.</param>
/// <param name="Errno">The kernel's error number; 0 where it was not the kernel that refused.</param>
public sealed record ApplyError(Operation Operation, string Message, int Errno = 0)
{
    public override string ToString() => Message;
}
