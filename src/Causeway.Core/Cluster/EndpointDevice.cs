using System.Security.Cryptography;
using System.Text;
using Causeway.Core.Dataplane;

namespace Causeway.Core.Cluster;

/// <summary>
/// Names of the host's end of a pod's veth pair: derived from the handle alone, so that every process finds
/// the device without asking another, also for an ADD that was never finished.
/// </summary>
public static class EndpointDevice
{
    /// <summary>44 bits: with the prefix <c>cwp</c> it fills 14 of the 15 characters that the kernel
    /// allows.</summary>
    private const int Digits = 11;

    /// <summary>The IPAM handle of a pod's interface.</summary>
    public static string HandleOf(string containerId, string ifName) => $"{containerId}/{ifName}";

    /// <summary><c>cwp</c> and the first 11 hexadecimal digits of the handle's SHA-256.</summary>
    public static string NameOf(string handle) => Ownership.PodDevicePrefix + KeyOf(handle);

    /// <summary>The 11 digits alone: the file name of the endpoint's record.</summary>
    public static string KeyOf(string handle) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(handle)))[..Digits];
}
