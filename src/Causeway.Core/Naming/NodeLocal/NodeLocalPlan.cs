using System.Collections.Immutable;
using System.Globalization;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Dataplane.Nftables;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.NodeLocal;

/// <summary>
/// A DNS cache on each node, at addresses that every node has and that no packet leaves a node for. Connection tracking
/// is kept from its packets: a lookup takes no entry of the table, and is not lost in the races of its UDP entries.
/// </summary>
/// <param name="Addresses">The cache's own; at least one.</param>
/// <param name="Port">At which it answers.</param>
public sealed record NodeLocalPlan(ImmutableArray<IpAddress> Addresses, ushort Port)
{
    // Every kernel has it. Of scope host an address is never taken as the source of what leaves for elsewhere, as others
    // on this device would be.
    private const string Device = "lo";

    /// <summary>Of family inet.</summary>
    public const string Table = "causeway-dns";

    private const string Metrics = ":9253";
    private const int HealthPort = 8080;

    // NF_IP_PRI_RAW: before connection tracking, which is at -200.
    private const int BeforeTracking = -300;

    /// <summary>169.254.20.10, link-local (RFC 3927), which operators of such caches know.</summary>
    public static readonly IpAddress DefaultAddress = IpAddress.V4(0xA9FE_140A);

    /// <summary>What the kernel must hold.</summary>
    public ImmutableArray<Entry> Entries =>
    [
        .. Addresses.Select(a => new LinkAddress { Device = Device, Address = new(a, a.Family.Bits), Scope = Scope.Host }),
        new NftTable
        {
            Family = "inet",
            Name = Table,
            Chains =
            [
                // Those who ask from pods, and from the node itself.
                Chain("prerouting", "daddr", "dport"), Chain("output", "daddr", "dport", "saddr", "sport"),
            ],
        },
    ];

    /// <summary>The Corefile of such a cache: the cluster's names and those of addresses from the cluster's DNS service,
    /// over TCP, so that no UDP entry is made on the way there either; others from the node's own servers.</summary>
    public string Configuration(DnsName domain, IEnumerable<IpAddress> clusterDns)
    {
        var bind = "bind " + string.Join(' ', Addresses);
        var zone = domain.ToString().TrimEnd('.');
        return string.Create(CultureInfo.InvariantCulture, $$"""
            {{zone}}:{{Port}} in-addr.arpa:{{Port}} ip6.arpa:{{Port}} {
                {{bind}}
                errors
                loop
                cache {
                    success 9984 30
                    denial 9984 5
                }
                forward . {{string.Join(' ', clusterDns)}} {
                    force_tcp
                }
            }
            .:{{Port}} {
                {{bind}}
                errors
                health {{Addresses[0].ToHost()}}:{{HealthPort}}
                prometheus {{Metrics}}
                loop
                cache 30
                forward . /etc/resolv.conf
            }
            """);
    }

    private NftChain Chain(string hook, params string[] ends) => new(
        hook, new("filter", hook, BeforeTracking, "accept"),
        [
            .. from pair in ends.Chunk(2)
               from address in Addresses
               from protocol in (string[])["udp", "tcp"]
               select new NftRule(
                   [
                       new NftMatch($"{(address.Family == IpFamily.V4 ? "ip" : "ip6")} {pair[0]}", "==", $"{address}"),
                       new NftMatch($"{protocol} {pair[1]}", "==", Port.ToString(CultureInfo.InvariantCulture)),
                       new NftNotrack(),
                   ]),
        ]);
}
