using Causeway.Core.Dataplane;
using Causeway.Linux.Kernel;

namespace Causeway.Agent;

/// <summary>What the reconciler needs of a kernel; the fake kernel of the tests has the same functions.</summary>
/// <param name="Capture">Reads entries of the kinds named; throws <see cref="IOException"/> when the kernel
/// cannot be read now.</param>
/// <param name="Apply">Carries out operations in their order and answers for each that failed, with the reason;
/// the others are done.</param>
/// <param name="Link">Reads one device, by its name; null when it is not there. Throws as <paramref name="Capture"/>.</param>
internal sealed record KernelPort(
    Func<IReadOnlyList<EntryKind>, DataplaneState> Capture,
    Func<IReadOnlyList<Operation>, IReadOnlyList<(Operation Operation, string Error)>> Apply,
    Func<string, Link?> Link)
{
    public static KernelPort Of(KernelDriver kernel) => new(
        kinds => kernel.CaptureOurs([.. kinds]),
        operations => [.. kernel.Apply(operations).Select(e => (e.Operation, e.Message))],
        kernel.Link);
}
