using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>Questions one and two at a pod: has it its address, and is its device there and up?</summary>
internal static class PodHop
{
    /// <summary>The trail with what was found, or its end. Hosts that are not pods pass.</summary>
    public static FilterStep Ready(Trail trail, IpFamily family)
    {
        if (trail.Host.Attachment is not { } at) return new(trail, null);
        var host = trail.Host;
        var given = at.Addresses.Where(a => a.Family == family).Cast<IpAddress?>().FirstOrDefault();
        if (given is not { } address)
            return End(trail.Stop(CauseCode.PodWithoutAddress, "address",
                $"was given no {family.SysctlName} address", "",
                $"see whether a pool of {family.SysctlName} addresses serves its node, then delete the pod"));
        // A device that is down takes its IPv6 addresses and its routes with it, so it comes first.
        if (DeviceHop.NotUsable(trail, at.Device) is { } unusable) return End(unusable);
        var owned = host.State.All<LinkAddress>()
            .FirstOrDefault(a => a.Device == at.Device && a.Address.Address == address);
        if (owned is null)
            return End(trail.Stop(CauseCode.AddressMissing, "address",
                $"{at.Device} does not have {address}, which the pod was given",
                $"missing: {address.Host} dev {at.Device}",
                Fix.Here(host, $"ip address add {address.Host} dev {at.Device}")));
        if (!owned.Usable)
            return End(trail.Stop(CauseCode.AddressTentative, "address",
                $"{address} is not usable: duplicate address detection has not ended well", owned,
                "look for a second owner of the address"));
        return new(trail.Log("address", $"has {address} on {at.Device}", owned), null);
    }

    private static FilterStep End(Finish finish) => new(finish.Trail, finish);
}
