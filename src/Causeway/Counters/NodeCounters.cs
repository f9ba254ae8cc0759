using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Dataplane;
using Causeway.Core.Services;
using Causeway.Lab.Capsule;
using Causeway.Lab.Nodes;
using Causeway.Linux.Kernel;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netfilter;

namespace Causeway.Counters;

/// <summary>A counter of a node, with what it moved by since the last look.</summary>
internal sealed record MovedCounter(string Node, ServiceCounter Counter, ulong Packets, ulong Bytes)
{
    public bool Moved => Packets > 0;
}

/// <summary>The nodes whose counters are looked at, and what the last look found.</summary>
/// <param name="places">Network namespaces by the node's name.</param>
internal sealed class NodeCounters(IReadOnlyList<(string Node, string Path)> places)
{
    private Dictionary<(string, string, string, string), ServiceCounter>? _before;

    /// <summary>All nodes of a lab, or one of them; from inside its capsule. Throws
    /// <see cref="InputException"/>.</summary>
    public static NodeCounters OfLab(LabDirectory lab, string? node)
    {
        var names = lab.ReadConfig()?.NodeNames().ToArray() ?? [];
        if (node is not null && !names.Contains(node))
            throw new InputException($"--node {node}: lab '{lab.Name}' has {string.Join(", ", names)}");
        return new([.. names.Where(n => node is null || n == node).Select(n => (n, new NodePaths(n).NetworkNamespacePath))]);
    }

    /// <summary>The node that this process runs on.</summary>
    public static NodeCounters OfThisNode() => new([(Environment.MachineName, NetworkNamespace.Current)]);

    /// <summary>As they are now. At the first look nothing has moved. Throws <see cref="IOException"/>.</summary>
    public IReadOnlyList<MovedCounter> Look()
    {
        List<MovedCounter> found = [];
        Dictionary<(string, string, string, string), ServiceCounter> now = [];
        foreach (var (node, path) in places)
        {
            using var driver = KernelDriver.Open(path);
            var state = driver.Capture(EntryKind.NftTable, EntryKind.IptablesTable);
            foreach (var counter in ServiceCounter.Of(state).Concat(VirtualServers(path)))
            {
                var key = (node, counter.Service, counter.Destination, counter.Chain);
                now[key] = counter;
                // One that is not there any more, or begins anew, has moved by what it says.
                var before = _before is null ? counter : _before.GetValueOrDefault(key);
                var anew = before is null || before.Packets > counter.Packets;
                found.Add(new(
                    node, counter, counter.Packets - (anew ? 0 : before!.Packets), counter.Bytes - (anew ? 0 : before!.Bytes)));
            }
        }
        _before = now;
        return found;
    }

    // The kernel knows no names of virtual servers, and counts every packet of theirs, both ways.
    private static List<ServiceCounter> VirtualServers(string path)
    {
        using var ipvs = IpvsDriver.TryOpen(path);
        return
        [
            .. from service in ipvs?.Services() ?? []
               from server in ipvs!.Servers(service.Key)
               let count = server.Statistics
               select new ServiceCounter(
                   "(ipvs)", $"{service.Key.Address} . {service.Key.Protocol.Word} . {service.Key.Port}",
                   $"{server.Address}:{server.Port}", count.PacketsIn + count.PacketsOut, count.BytesIn + count.BytesOut),
        ];
    }
}
