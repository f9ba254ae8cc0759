using System.Collections.Immutable;
using Causeway.Core.Addressing;

namespace Causeway.Core.Wire.Cni;

/// <summary>A device that a plugin made or took.</summary>
/// <param name="Sandbox">Path of the network namespace; null for the host's.</param>
/// <param name="Mtu">From 1.1.0 on, as the two after it.</param>
public sealed record CniInterface(
    string Name, string? Mac = null, string? Sandbox = null, int? Mtu = null,
    string? SocketPath = null, string? PciId = null);

/// <summary>An address of an attachment.</summary>
/// <param name="Interface">Index in <see cref="CniResult.Interfaces"/>.</param>
public sealed record CniAddress(InterfaceAddress Address, int? Interface = null, IpAddress? Gateway = null);

/// <summary>A route inside the pod. All after the gateway are from 1.1.0 on.</summary>
public sealed record CniRoute(
    Prefix Destination, IpAddress? Gateway = null, int? Mtu = null, int? AdvertisedMss = null,
    int? Priority = null, int? Table = null, int? Scope = null);

/// <summary>Name resolution that an attachment asks for.</summary>
public sealed record CniDns(
    ImmutableArray<string> Nameservers, string? Domain,
    ImmutableArray<string> Search, ImmutableArray<string> Options)
{
    public static readonly CniDns Empty = new([], null, [], []);

    public bool IsEmpty => Nameservers.IsEmpty && Domain is null && Search.IsEmpty && Options.IsEmpty;
}

/// <summary>
/// What ADD made (CNI specification 1.1.0, section 5 "ADD Success"), in one shape for all versions from 0.3.0
/// on; <see cref="CniResultJson"/> reads and prints each version's own.
/// </summary>
public sealed record CniResult
{
    public ImmutableArray<CniInterface> Interfaces { get; init; } = [];

    public ImmutableArray<CniAddress> Ips { get; init; } = [];

    public ImmutableArray<CniRoute> Routes { get; init; } = [];

    public CniDns Dns { get; init; } = CniDns.Empty;

    /// <summary>The addresses of one device by its index; those that name no device are everyone's.</summary>
    public IEnumerable<CniAddress> AddressesOf(int index) =>
        Ips.Where(ip => ip.Interface is null || ip.Interface == index);
}
