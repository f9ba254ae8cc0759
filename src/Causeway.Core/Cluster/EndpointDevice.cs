using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Causeway.Core.Addressing;
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

    /// <summary><c>cwp</c> and the first 11 hexadecimal digits of the handle's XXH64: a
    /// cryptographic hash would load its library in every run of the plugin.</summary>
    public static string NameOf(string handle) => Ownership.PodDevicePrefix + KeyOf(handle);

    /// <summary>The MAC address of the pod's end, unless the runtime asks for another.</summary>
    public static MacAddress MacOf(string handle) =>
        MacAddress.Local(Convert.ToUInt64(KeyOf("mac/" + handle), 16));

    /// <summary>The 11 digits alone: the file name of the endpoint's record.</summary>
    public static string KeyOf(string handle) =>
        XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(handle)).ToString("x16", CultureInfo.InvariantCulture)[..Digits];
}
