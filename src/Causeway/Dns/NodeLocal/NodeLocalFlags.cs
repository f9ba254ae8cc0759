using System.Collections.Immutable;
using System.CommandLine;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.NodeLocal;
using Causeway.Core.Wire.Dns;

namespace Causeway.Dns.NodeLocal;

/// <summary>The options of a node's own cache.</summary>
internal sealed class NodeLocalFlags
{
    /// <summary>Set in pods of kube-system, where the Service of the cluster's DNS is.</summary>
    private const string ServiceVariable = "KUBE_DNS_SERVICE_HOST";

    private readonly Option<bool> _nodeLocal = new("--node-local")
    {
        Description = "Be the node's own cache, at an address that every node has, without connection tracking.",
    };

    private readonly Option<string[]> _addresses = new("--local-address")
    {
        Description = $"With --node-local: answer there. Default: {NodeLocalPlan.DefaultAddress}.",
        HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _clusterDns = new("--cluster-dns")
    {
        Description = $"With --node-local: who knows the cluster's names. Default: ${ServiceVariable}.",
        HelpName = "ADDRESS", AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _domain = new("--cluster-domain")
    {
        Description = "With --node-local: the domain of the cluster's names.",
        HelpName = "DOMAIN", DefaultValueFactory = _ => "cluster.local",
    };

    public NodeLocalFlags(Command command)
    {
        foreach (var option in (Option[])[_nodeLocal, _addresses, _clusterDns, _domain]) command.Options.Add(option);
    }

    /// <summary>Null without <c>--node-local</c>. Throws <see cref="InputException"/> for what cannot be.</summary>
    public NodeLocalPlan? Plan(ParseResult parsed, ushort port)
    {
        var addresses = parsed.GetValue(_addresses) ?? [];
        if (parsed.GetValue(_nodeLocal))
            return new(addresses.Length > 0 ? Addresses(_addresses, addresses) : [NodeLocalPlan.DefaultAddress], port);
        return addresses.Length > 0 || parsed.GetValue(_clusterDns) is { Length: > 0 }
            ? throw new InputException($"{_addresses.Name} and {_clusterDns.Name} are for {_nodeLocal.Name}, which is missing")
            : null;
    }

    /// <summary>What a node's cache does when no file says it; null for a cluster's server, or when one does.</summary>
    public string? Configuration(ParseResult parsed, NodeLocalPlan? plan, string? file)
    {
        var given = parsed.GetValue(_clusterDns) ?? [];
        if (plan is null) return null;
        if (file is not null)
            return given.Length == 0 ? null : throw new InputException(
                $"{_clusterDns.Name} is for the default configuration: {file} says itself whom to ask");
        if (given.Length == 0 && Environment.GetEnvironmentVariable(ServiceVariable) is { Length: > 0 } host) given = [host];
        if (given.Length == 0)
            throw new InputException(
                $"{_nodeLocal.Name} needs {_clusterDns.Name} ADDRESS: the cluster IP of the cluster's DNS service "
                + "(kubectl -n kube-system get service kube-dns)");
        var domain = parsed.GetValue(_domain)!;
        return DnsName.TryParse(domain, out var name, out var error)
            ? plan.Configuration(name, Addresses(_clusterDns, given))
            : throw new InputException($"{_domain.Name} {domain}: {error}");
    }

    private static ImmutableArray<IpAddress> Addresses(Option option, string[] words) =>
    [
        .. words.SelectMany(w => w.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(word =>
            IpAddress.TryParse(word, out var address)
                ? address
                : throw new InputException($"{option.Name} {word}: not an IP address")),
    ];
}
