using System.Security.Cryptography;
using System.Text;
using Causeway.Core.Addressing;

namespace Causeway.Core.Services.Iptables;

/// <summary>
/// The names that the Kubernetes project's proxy gives to chains, so that operators find what they know: a prefix
/// and the first 16 characters of base32(SHA-256(what the chain is for)).
/// </summary>
public static class ChainNames
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int Length = 16;

    /// <summary>All endpoints of a service port.</summary>
    public static string Cluster(ServicePortName name) => "KUBE-SVC-" + Hash(name);

    /// <summary>The endpoints on this node.</summary>
    public static string Local(ServicePortName name) => "KUBE-SVL-" + Hash(name);

    /// <summary>Traffic from outside.</summary>
    public static string External(ServicePortName name) => "KUBE-EXT-" + Hash(name);

    /// <summary>Guards the load balancer's addresses.</summary>
    public static string Firewall(ServicePortName name) => "KUBE-FW-" + Hash(name);

    /// <summary>One endpoint of a service port.</summary>
    public static string Endpoint(ServicePortName name, ServiceEndpoint endpoint) =>
        "KUBE-SEP-" + Hash(name.ToString() + name.Protocol.Word + endpoint);

    public static string Hash(ServicePortName name) => Hash(name.ToString() + name.Protocol.Word);

    // 80 bits of the digest are the 16 characters; so few need no padding.
    private static string Hash(string text)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return string.Create(Length, digest, static (characters, bytes) =>
        {
            for (var i = 0; i < Length; i++)
            {
                var bit = i * 5;
                var pair = bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
                characters[i] = Base32[pair >> (11 - bit % 8) & 31];
            }
        });
    }
}
