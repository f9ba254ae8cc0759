using Causeway.Core.Addressing;

namespace Causeway.Dns.Serving;

/// <summary>Where a server listens.</summary>
/// <param name="Address">Null: all.</param>
internal readonly record struct ListenAddress(IpAddress? Address, ushort Port, bool IsTls = false)
{
    public override string ToString() => $"{(IsTls ? "tls://" : "")}{Address?.ToHost() ?? "*"}:{Port}";
}
