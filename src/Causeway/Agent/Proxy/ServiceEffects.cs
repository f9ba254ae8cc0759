using Causeway.Core.Services;

namespace Causeway.Agent.Proxy;

/// <summary>What follows from services that have just been brought to the kernel, beside the kernel's
/// rules.</summary>
internal sealed class ServiceEffects
{
    /// <summary>Plans changed and are in the kernel now.</summary>
    /// <param name="before">All plans as they were.</param>
    /// <param name="changed">Those that changed, as they are; null: they are no more.</param>
    public void PlansChanged(
        IReadOnlyDictionary<ServicePortKey, ServicePortPlan> before,
        IReadOnlyDictionary<ServicePortKey, ServicePortPlan?> changed)
    {
    }
}
