using System.CommandLine;
using Causeway.Core.Cluster;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

internal static class UpCommand
{
    private static readonly Dictionary<string, Encapsulation> Encapsulations = new()
    {
        ["vxlan"] = Encapsulation.Vxlan,
        ["crosssubnet"] = Encapsulation.VxlanCrossSubnet,
        ["ipip"] = Encapsulation.IpIp,
        ["none"] = Encapsulation.None,
    };

    private static readonly Option<int?> Nodes = new("--nodes")
    {
        Description = "How many nodes (default 3).", HelpName = "N",
    };

    private static readonly Option<string?> Encap = Word(
        "--encap", "How packets travel between nodes (default vxlan).", [.. Encapsulations.Keys]);

    private static readonly Option<string?> TopologyWord = Word(
        "--topology", "One segment, or two with a router between (default flat).", "flat", "routed");

    private static readonly Option<string?> Family = Word(
        "--family", "Addresses of nodes and pods (default ipv4).", "ipv4", "ipv6", "dual");

    private static readonly Option<string?> Proxy = Word(
        "--proxy", "What turns Services into rules on the nodes (default nftables).",
        "nftables", "iptables", "ipvs", "none");

    private static readonly Option<bool> NoDns = new("--no-dns")
    {
        Description = "Without cluster DNS: no coredns Deployment, no Service kube-dns, no names in pods.",
    };

    private static readonly Option<string[]> Pool = new("--pool")
    {
        Description = "The pods' addresses (default 10.244.0.0/16, fd00:10:244::/48); once per family.",
        HelpName = "CIDR",
    };

    private static readonly Option<int?> Port = new("--port")
    {
        Description = "The API server's port on 127.0.0.1 (default: any free one).", HelpName = "PORT",
    };

    private static readonly Option<int> Wait = new("--wait")
    {
        Description = "How long to wait for the nodes, in seconds (default 120).", HelpName = "SECONDS",
        DefaultValueFactory = _ => 120,
    };

    public static Command Create()
    {
        var command = new Command("up", "Brings a lab up, new or again, and returns when its nodes are Ready.")
        {
            Nodes, Encap, TopologyWord, Family, Proxy, NoDns, Pool, Port, Wait,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var name = parsed.GetValue(LabCommand.LabOption) ?? LabDirectory.DefaultName;
            return new LabBringUp(LabDirectory.Named(name), TimeProvider.System, Console.Out).RunAsync(
                Request(parsed), parsed.GetValue(Port), TimeSpan.FromSeconds(parsed.GetValue(Wait)), cancellation);
        });
        return command;
    }

    private static LabRequest Request(ParseResult parsed) => new()
    {
        Nodes = parsed.GetValue(Nodes),
        Encapsulation = parsed.GetValue(Encap) is { } encap ? Encapsulations[encap] : null,
        Topology = parsed.GetValue(TopologyWord) switch
        {
            "flat" => Topology.Flat,
            "routed" => Topology.Routed,
            _ => null,
        },
        Family = parsed.GetValue(Family) switch
        {
            "ipv4" => LabFamily.Ipv4,
            "ipv6" => LabFamily.Ipv6,
            "dual" => LabFamily.Dual,
            _ => null,
        },
        Proxy = parsed.GetValue(Proxy) is { } proxy ? Enum.Parse<ServiceProxy>(proxy, ignoreCase: true) : null,
        Dns = parsed.GetValue(NoDns) ? false : null,
        Pools = parsed.GetValue(Pool) ?? [],
    };

    private static Option<string?> Word(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', words) };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
