using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Dataplane;
using Causeway.Core.Services;
using Causeway.Core.Services.Iptables;
using Causeway.Core.Services.Nftables;
using Causeway.Core.Trace;
using CsCheck;

namespace Causeway.Core.Tests.Services;

/// <summary>Two judges of a proxy's rules: what the API means, and what the trace makes of the rules on paper.</summary>
public sealed class ProxyAgreementTests
{
    private const string Router = "172.30.0.1";

    private static readonly Dictionary<string, Func<ServicesPlan, IEnumerable<Entry>>> Proxies = new()
    {
        ["nftables"] = NftPlan.Tables,
        ["iptables"] = Iptables,
    };

    [Theory]
    [InlineData("nftables")]
    [InlineData("iptables")]
    public void Rules_do_what_the_oracle_says(string proxy) => Gen.Int[0, int.MaxValue - 1].Sample(seed =>
    {
        var (oracle, planner) = new RandomServices(seed).Cluster(3);
        var world = World.Of([Node([.. Proxies[proxy](planner.Plan())])]);
        foreach (var question in Questions())
        {
            var (expected, found) = (oracle.Ask(question), Answer(world, question));
            // As with kube-proxy: who may not use a balancer's address hears that nothing stands behind it anyway.
            if (proxy == "iptables" && question.Destination.ToString().StartsWith("203.", StringComparison.Ordinal)
                && (expected.Verdict, found.Verdict) == (OracleVerdict.Drop, OracleVerdict.Reject)) continue;
            Assert.Equal($"{question} {expected}", $"{question} {found}");
        }
    }, iter: 60);

    private static IEnumerable<Entry> Iptables(ServicesPlan plan)
    {
        IptablesServices services = new(IpFamily.V4) { Scope = plan.Scope };
        foreach (var (key, port) in plan.Ports) services.Set(key, port);
        IptablesTables tables = new();
        tables.Restore(IptablesRepair.Of(services, tables.Read()).Script);
        return tables.Read();
    }

    /// <summary>A node between pods and the world, all behind one device.</summary>
    private static Host Node(IReadOnlyList<Entry> proxy) => new()
    {
        Name = RandomServices.Node, Kind = HostKind.Node, Planned = true,
        State = KernelImplied.Complete(DataplaneState.Of(
        [
            .. proxy,
            new Link { Name = "eth0", Mtu = 1500 },
            new LinkAddress { Device = "eth0", Address = InterfaceAddress.Parse($"{RandomServices.NodeAddress}/16") },
            new Route { Destination = Prefix.Default(IpFamily.V4), Via = IpAddress.Parse(Router), Device = "eth0" },
            new Sysctl("net/ipv4/ip_forward", "1"),
        ])),
    };

    private static OracleAnswer Answer(World world, OracleQuestion q)
    {
        var result = Tracer.Run(world, new(RandomServices.Node, q.Destination, q.Protocol, (ushort)q.Port)
        {
            Source = q.Kind == OracleSource.Node ? null : q.Source,
        });
        if (result.Cause?.Code is CauseCode.NoEndpoints or CauseCode.RuleDrop or CauseCode.RuleReject)
            return OracleAnswer.Of(result.Cause.Message.Contains("rejects", StringComparison.Ordinal)
                ? OracleVerdict.Reject : OracleVerdict.Drop);
        SortedDictionary<string, bool> endpoints = new(StringComparer.Ordinal);
        foreach (var branch in result.Forward.Branches)
        {
            var translation = branch.Hops.SingleOrDefault(h => h.Action.StartsWith("translates", StringComparison.Ordinal));
            if (translation is null) continue;
            // translates ADDRESS to ADDRESS:PORT (WHOSE)
            var to = translation.Action.Split(' ')[3].Replace(':', ' ');
            endpoints.Add(to, branch.Hops.Any(h => h.Action.StartsWith("masquerades", StringComparison.Ordinal)));
        }
        if (endpoints.Count == 0 && result.Cause?.Code is CauseCode.LeavesCluster or null) return OracleAnswer.Of(OracleVerdict.NotAService);
        // Each endpoint has its branch and the same share.
        Assert.Equal(endpoints.Count, result.Forward.Branches.Length);
        Assert.All(result.Forward.Branches, b => Assert.Equal(1.0 / endpoints.Count, b.Probability, 9));
        return new(OracleVerdict.Endpoints, endpoints);
    }

    private static IEnumerable<OracleQuestion> Questions()
    {
        (OracleSource, string)[] sources =
        [
            // The pod's address may be an endpoint's too: then it speaks to itself.
            (OracleSource.Pod, "10.244.1.5"), (OracleSource.Node, "172.30.0.11"), (OracleSource.Outside, "198.51.100.7"),
        ];
        foreach (var (kind, source) in sources)
        foreach (var protocol in new[] { TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Sctp })
        for (var i = 0; i < 3; i++)
        {
            foreach (var vip in new[] { $"10.96.0.{i + 1}", $"192.0.2.{i + 1}", $"203.0.113.{i + 1}" })
                yield return new(kind, IpAddress.Parse(source), IpAddress.Parse(vip), protocol, i == 1 ? 443 : 80);
            yield return new(kind, IpAddress.Parse(source), RandomServices.NodeAddress, protocol, 30000 + 2 * i);
        }
    }
}
