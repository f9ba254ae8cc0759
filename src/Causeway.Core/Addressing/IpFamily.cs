namespace Causeway.Core.Addressing;

/// <summary>The address family. <c>default</c> is IPv4.</summary>
public enum IpFamily : byte
{
    V4 = 0,
    V6 = 1,
}

/// <summary>What follows from the family alone.</summary>
public static class IpFamilyExtensions
{
    extension(IpFamily family)
    {
        /// <summary>Width of an address in bits: 32 or 128. Also the length of a host prefix.</summary>
        public int Bits => family == IpFamily.V4 ? 32 : 128;

        /// <summary>Width of an address in bytes: 4 or 16.</summary>
        public int Bytes => family == IpFamily.V4 ? 4 : 16;

        /// <summary>The protocol's word in nft, in names of tables and under <c>/proc/net</c>: <c>ip</c> or
        /// <c>ip6</c>.</summary>
        public string Word => family == IpFamily.V4 ? "ip" : "ip6";

        /// <summary>The word under <c>net/</c> in the sysctl tree: <c>ipv4</c> or <c>ipv6</c>.</summary>
        public string SysctlName => family == IpFamily.V4 ? "ipv4" : "ipv6";
    }
}
