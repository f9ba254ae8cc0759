using System.Globalization;
using System.Text;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.Dns;
using Causeway.Kubernetes;

namespace Causeway.Bench.Dns;

/// <summary>Ten thousand services of ten endpoints each: the same names as objects, as a zone file and as questions.</summary>
internal static class BenchNames
{
    private const int Services = 10_000;
    private const int Endpoints = 10;
    private const int AtOnce = 16;
    private const string Namespace = "bench";

    public static DnsName Last => NameOf(Services - 1);

    public static DnsName NameOf(int number) => DnsName.Parse($"{Label(number)}.{Namespace}.svc.cluster.local.");

    public static async Task Create(KubeClient client)
    {
        await client.Create(KubeTypes.Namespaces, new() { Metadata = new() { Name = Namespace } });
        await Parallel.ForAsync(0, Services, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, cancel) =>
        {
            await client.Create(KubeTypes.Services, Service(number), cancel);
            await client.Create(KubeTypes.EndpointSlices, Slice(number), cancel);
        });
    }

    public static Service Service(int number) => new()
    {
        Metadata = new() { Name = Label(number), Namespace = Namespace },
        Spec = new() { ClusterIP = ClusterIp(number), ClusterIPs = [ClusterIp(number)], Ports = [new("http", "TCP", 80)] },
    };

    public static string ZoneFile()
    {
        StringBuilder text = new("$ORIGIN cluster.local.\n$TTL 30\n@ SOA ns.dns hostmaster 1 7200 1800 86400 30\n@ NS ns.dns\nns.dns A 127.0.0.1\n");
        for (var i = 0; i < Services; i++) text.Append($"{Label(i)}.{Namespace}.svc A {ClusterIp(i)}\n");
        return text.ToString();
    }

    /// <summary>For dnsperf, in an order that is none.</summary>
    public static string Questions()
    {
        // A step that has no factor in common with the count meets each name once.
        const int Step = 7919;
        StringBuilder text = new();
        for (var i = 0; i < Services; i++) text.Append($"{NameOf((int)((long)i * Step % Services))} A\n");
        return text.ToString();
    }

    private static EndpointSlice Slice(int number) => new()
    {
        Metadata = new()
        {
            Name = Label(number) + "-1", Namespace = Namespace,
            Labels = new Dictionary<string, string> { [EndpointSlice.ServiceNameLabel] = Label(number) },
        },
        AddressType = "IPv4",
        Ports = [new("http", "TCP", 8080)],
        Endpoints =
        [
            .. Enumerable.Range(0, Endpoints).Select(i => new SliceEndpoint
            {
                Addresses = [IpAddress.V4(0x0A00_0001u + (uint)(number * Endpoints + i)).ToString()],
                TargetRef = new() { Kind = "Pod", Namespace = Namespace, Name = $"{Label(number)}-{i}" },
            }),
        ],
    };

    private static string Label(int number) => string.Create(CultureInfo.InvariantCulture, $"svc-{number}");

    private static string ClusterIp(int number) => IpAddress.V4(0x0A60_0100u + (uint)number).ToString();
}
