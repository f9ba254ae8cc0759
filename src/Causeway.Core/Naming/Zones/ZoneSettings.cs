using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>Whether names such as <c>10-244-1-7.ns.pod.cluster.local</c> have addresses.</summary>
public enum PodNames
{
    /// <summary>They do not exist.</summary>
    Disabled,

    /// <summary>The address that stands in the name is the answer, whether there is such a pod or not.</summary>
    Insecure,

    /// <summary>Only where a pod with this address is in this namespace.</summary>
    Verified,
}

/// <summary>How a zone answers.</summary>
/// <param name="Apex">The cluster's domain.</param>
/// <param name="Ttl">Of every record, in seconds; also how long a name's absence may be remembered.</param>
/// <param name="EndpointPodNames">Endpoints without a hostname are called after their pods, not their addresses.</param>
/// <param name="IgnoreEmptyServices">A service with a cluster IP but without ready endpoints does not exist.</param>
public sealed record ZoneSettings(
    DnsName Apex, uint Ttl = ZoneSettings.DefaultTtl, PodNames Pods = PodNames.Disabled,
    bool EndpointPodNames = false, bool IgnoreEmptyServices = false)
{
    public const uint DefaultTtl = 5;
}
