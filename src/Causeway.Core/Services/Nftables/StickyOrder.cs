using System.Collections.Immutable;

namespace Causeway.Core.Services.Nftables;

/// <summary>
/// An order in which endpoints mostly keep their index when others come and go, since the kernel remembers a
/// client's endpoint by its index. A function of the endpoints alone: each index in turn takes the endpoint that
/// scores highest at it, as in rendezvous hashing.
/// </summary>
internal static class StickyOrder
{
    public static ImmutableArray<ServiceEndpoint> Of(ImmutableArray<ServiceEndpoint> endpoints)
    {
        List<ServiceEndpoint> left = [.. endpoints];
        var ordered = ImmutableArray.CreateBuilder<ServiceEndpoint>(endpoints.Length);
        for (var index = 0; left.Count > 0; index++)
        {
            var best = 0;
            for (var i = 1; i < left.Count; i++)
                if (Score(left[i], index) > Score(left[best], index)) best = i;
            ordered.Add(left[best]);
            left.RemoveAt(best);
        }
        return ordered.MoveToImmutable();
    }

    // A 64-bit mix (splitmix64's finalizer): stable between processes, unlike GetHashCode.
    private static ulong Score(ServiceEndpoint endpoint, int index)
    {
        var z = (ulong)endpoint.Address.Value ^ (ulong)(endpoint.Address.Value >> 64) ^ (ulong)endpoint.Port << 48;
        z += 0x9E3779B97F4A7C15ul * (ulong)(index + 1);
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ul;
        z = (z ^ z >> 27) * 0x94D049BB133111EBul;
        return z ^ z >> 31;
    }
}
