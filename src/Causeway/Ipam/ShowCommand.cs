using System.CommandLine;
using System.Text.Json;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Ipam;

namespace Causeway.Ipam;

/// <summary><c>causeway ipam show [ADDRESS] [--pod NAMESPACE/NAME]</c>.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var address = new Argument<string?>("ADDRESS")
        {
            Description = "Show who has this address, in place of the pools and blocks.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var pod = new Option<string?>("--pod")
        {
            Description = "Show the addresses of this pod.",
            HelpName = "NAMESPACE/NAME",
        };
        var output = OutputOption.Create();
        var command = new Command(
            "show", "Pools and blocks and how full they are; or the owner of an address.")
        {
            address, pod, output,
        };
        command.SetAction((parsed, cancel) =>
        {
            var asked = Address(parsed.GetValue(address));
            var named = PodName(parsed.GetValue(pod));
            var json = parsed.GetValue(output) == OutputOption.Json;
            return IpamCommand.Run(parsed, async client =>
            {
                var state = await IpamReader.Read(client, cancel);
                if (asked is { } one) return Owners([OwnerOf(state, one)], json);
                if (named is not null) return Owners(AddressesOf(state, named), json);
                return Usage(IpamUsage.Of(state), json);
            });
        });
        return command;
    }

    private static IpAddress? Address(string? text)
    {
        if (text is null) return null;
        return IpAddress.TryParse(text, out var address)
            ? address
            : throw new InputException(
                $"'{text}' is not an IP address; to ask for a pod: --pod NAMESPACE/NAME");
    }

    private static string? PodName(string? text)
    {
        if (text is null) return null;
        var parts = text.Split('/');
        return parts.Length is 1 or 2 && !parts.Contains("")
            ? (parts.Length == 1 ? "default/" : "") + text
            : throw new InputException($"--pod '{text}' is not NAMESPACE/NAME");
    }

    private static int Usage(IpamUsage usage, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(usage, IpamJson.Default.IpamUsage));
            return ExitCode.Good;
        }
        var pools = new TextTable(
            "POOL", "CIDR", "ENCAPSULATION", "BLOCK", "SIZE", "USED", "FREE", "BLOCKS", "");
        foreach (var p in usage.Pools)
            pools.Add(
                p.Name, p.Cidr, p.Encapsulation, $"/{p.BlockSize}", p.Size.ToString(), p.Used.ToString(),
                p.Free.ToString(), p.Blocks.ToString(), p.Size == 0
                    ? "not usable" : p.Disabled ? "disabled"
                    : " ");
        pools.Write(Console.Out);
        Console.WriteLine();
        var blocks = new TextTable("NODE", "BLOCK", "POOL", "SIZE", "USED", "FREE", "BORROWED");
        foreach (var b in usage.Blocks)
            blocks.Add(b.Node, b.Cidr, b.Pool, b.Size.ToString(), b.Used.ToString(), b.Free.ToString(),
                b.Borrowed.ToString());
        blocks.Write(Console.Out);
        return ExitCode.Good;
    }

    private static int Owners(IReadOnlyList<AddressReport> reports, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(reports, IpamJson.Default.AddressReports));
            return reports.Any(r => r.Allocation is not null) ? ExitCode.Good : ExitCode.Problems;
        }
        var table = new TextTable("ADDRESS", "POD", "NODE", "POOL", "BLOCK", "HANDLE", "SINCE", "");
        foreach (var report in reports)
        {
            var a = report.Allocation;
            var owner = a?.Pod is null ? null : $"{a.Namespace}/{a.Pod}";
            table.Add(report.Address, owner, a?.Node, report.Pool, report.Block, a?.Handle,
                a?.Since?.ToString("yyyy-MM-ddTHH:mm:ssZ"),
                a is null ? "not allocated" : report.Unused is { } why ? "unused: " + why : " ");
        }
        table.Write(Console.Out);
        return reports.Any(r => r.Allocation is not null) ? ExitCode.Good : ExitCode.Problems;
    }

    private static List<AddressReport> AddressesOf(IpamState state, string pod)
    {
        var allocated = state.Allocations()
            .Where(x => $"{x.Allocation.Namespace}/{x.Allocation.Pod}" == pod)
            .Select(x => IpAddress.Parse(x.Allocation.Address));
        var told = state.Pods
            .Where(p => $"{p.Metadata.Namespace}/{p.Metadata.Name}" == pod && !p.Spec.HostNetwork)
            .SelectMany(p => p.Addresses());
        var all = allocated.Concat(told).Distinct().Order().Select(a => OwnerOf(state, a)).ToList();
        return all.Count > 0 ? all : throw new InputException($"pod {pod} has no address, or does not exist");
    }

    private static AddressReport OwnerOf(IpamState state, IpAddress address)
    {
        var pool = PoolSet.Of(state.Pools).Holding(address);
        var block = state.Blocks.FirstOrDefault(b =>
            Prefix.TryParse(b.Spec.Cidr, out var cidr) && cidr.Contains(address));
        var allocation = block?.Spec.Allocations.FirstOrDefault(a => a.Address == address.ToString());
        var unused = allocation is null
            ? null
            : LeakCollector.WhyUnused(allocation, LeakEvidence.Of(state.Nodes, state.Pods));
        return new(address.ToString(), pool?.Name, block?.Spec.Cidr, block?.Spec.Node, allocation, unused);
    }
}
