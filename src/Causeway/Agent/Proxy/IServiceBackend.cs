using Causeway.Core.Services;
using Causeway.Linux.Kernel;

namespace Causeway.Agent.Proxy;

/// <summary>
/// One way to have services in the kernel. Called by one loop, never from two threads; calls block for as long as
/// the kernel takes. What the kernel refuses is thrown as <see cref="IOException"/>: then nothing of the call
/// counts as done, and a resync with everything follows.
/// </summary>
internal interface IServiceBackend : IDisposable
{
    /// <summary>As <c>--proxy</c> names it.</summary>
    string Name { get; }

    /// <summary>What all services share, as it is now; told before anything else.</summary>
    void SetScope(ServicesScope scope);

    /// <summary>Ports whose plan changed, each as it is now or null when it is no more. At the cost of the
    /// change.</summary>
    void Apply(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed);

    /// <summary>
    /// Takes these changes, reads the kernel, and makes it as planned by everything told so far, whatever is
    /// there: also the first call after a start. What was not as it should be, one line each.
    /// </summary>
    IReadOnlyList<string> Resync(IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed);

    /// <summary>Whether this news means that somebody else changed what is ours.</summary>
    bool Concerns(KernelEvent news);

    /// <summary>Whether the kernel's own count shows that nobody else has changed anything since it was last
    /// read.</summary>
    bool IsUntouched { get; }

    /// <summary>Whether the kernel does not tell of all changes, so that <see cref="LooksIntact"/> must be
    /// asked.</summary>
    bool MustLook { get; }

    /// <summary>Whether what is ours is still there, where the kernel tells nobody of changes: asked every second,
    /// so it must be cheap.</summary>
    bool LooksIntact();

    /// <summary>Removes everything that this backend makes, whether it is there or not: another one serves
    /// now.</summary>
    void Remove();
}
