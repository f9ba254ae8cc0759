using System.CommandLine;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Trace;
using Causeway.Lab;
using Causeway.Lab.Capsule;

namespace Causeway.Trace;

/// <summary><c>causeway trace</c>: one packet's way, there and back.</summary>
internal static class TraceCommand
{
    private static readonly string[] Protocols = ["icmp", "tcp", "udp"];

    private static readonly Argument<string> From = new("POD")
    {
        Description = "Who sends: a pod (NAME or NAMESPACE/NAME) or a node.",
    };

    private static readonly Argument<string?> To = new("TARGET")
    {
        Description = "A name as a program in the pod uses it (web, web.shop, www.example.org), a pod, a service "
            + "(NAMESPACE/NAME), a node or an IP address, with or without :PORT.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> FromNode = new("--from-node")
    {
        Description = "The node that sends, in place of POD.", HelpName = "NODE",
    };

    private static readonly Option<string?> FromOutside = new("--from")
    {
        Description = "An address that sends, in place of POD: of anybody inside or outside the cluster.", HelpName = "ADDRESS",
    };

    private static readonly Option<string> Namespace = new("--namespace", "-n")
    {
        Description = "The namespace of pods that are named without one (default: default).",
        DefaultValueFactory = _ => "default",
    };

    private static readonly Option<string?> Protocol = new("--proto")
    {
        Description = "The protocol (default: tcp with a port, else icmp).",
        HelpName = string.Join('|', Protocols),
    };

    private static readonly Option<bool> Planned = new("--planned")
    {
        Description = "Trace what the API's objects say there should be, not what the kernels hold.",
    };

    private static readonly Option<string[]> Rules = new("--rules")
    {
        Description = "Trace through saved rules alone, in place of a cluster: a file of iptables-save, ip6tables-save, "
            + "ipset save, ipvsadm -Sn or nft -j list ruleset ('-' is standard input). May be given more than once.",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> Local = new("--local")
    {
        Description = "With --rules: an address of the node that the rules come from (node ports are at these).",
        HelpName = "ADDRESS",
    };

    public static Command Create()
    {
        Protocol.AcceptOnlyFromAmong(Protocols);
        var output = OutputOption.Create();
        var command = new Command("trace", "Follows a packet hop by hop, there and back, and names what stops it.")
        {
            From, To, FromNode, FromOutside, Namespace, Protocol, Planned, Rules, Local, output,
        };
        ClusterOptions.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var saved = parsed.GetValue(Rules) is { Length: > 0 };
            var request = RequestOf(parsed, saved);
            TraceRun.Check(request);
            var result = saved ? OfRules(parsed, request)
                : request.Planned ? await OfPlanAsync(parsed, request, cancel)
                : await OfKernelsAsync(parsed, request, cancel);
            Show(request, result, parsed.GetValue(output) == OutputOption.Json);
            return Code(result.Verdict);
        });
        return command;
    }

    private static TraceRequest RequestOf(ParseResult parsed, bool saved)
    {
        var (node, address) = (parsed.GetValue(FromNode), parsed.GetValue(FromOutside));
        // Of saved rules there is one node, and who does not say otherwise sends from it.
        if (saved) node = address is null ? SavedRules.Node : null;
        var (first, second) = (parsed.GetRequiredValue(From), parsed.GetValue(To));
        if (node is not null && address is not null)
            throw new InputException("--from-node and --from: name one sender");
        if ((node ?? address) is { } sender)
            (first, second) = second is null ? (sender, first) : throw new InputException(
                $"'{first}' and '{sender}': name one sender, a POD or an option");
        if (second is null) throw new InputException($"'{first}' to where? Name a TARGET: a pod, a service, a node, an address");
        var from = TraceTarget.Parse(first);
        if (address is not null && from.Address is null) throw new InputException($"--from {address}: this is no IP address");
        return new(from, TraceTarget.Parse(second), parsed.GetRequiredValue(Namespace),
            ProtocolOf(parsed.GetValue(Protocol)), parsed.GetValue(Planned))
        {
            FromOutside = address is null ? null : from.Address,
        };
    }

    private static TraceResult OfRules(ParseResult parsed, TraceRequest request)
    {
        if (request.To.Address is not { } destination)
            throw new InputException($"--rules: the target is an address, not '{request.To.Name}': saved rules know no names");
        var world = SavedRules.Read(
            parsed.GetRequiredValue(Rules),
            [.. (parsed.GetValue(Local) ?? []).Select(text => IpAddress.TryParse(text, out var address)
                ? address : throw new InputException($"--local {text}: this is no IP address"))]);
        var protocol = request.Protocol
            ?? (request.To.Port == 0 ? TransportProtocol.Icmp : TransportProtocol.Tcp);
        var result = Tracer.Run(
            world, new(SavedRules.Node, destination, protocol, request.To.Port) { Source = request.FromOutside });
        return result with
        {
            Notes = [.. result.Notes, "devices, routes and what is behind them are supposed: only the rules are known"],
        };
    }

    private static async Task<TraceResult> OfPlanAsync(
        ParseResult parsed, TraceRequest request, CancellationToken cancel)
    {
        using var client = ClusterOptions.Client(parsed);
        return await PlannedTrace.RunAsync(request, client, cancel);
    }

    private static Task<TraceResult> OfKernelsAsync(
        ParseResult parsed, TraceRequest request, CancellationToken cancel)
    {
        if (parsed.GetValue(ClusterOptions.Kubeconfig) is { } file)
            throw new InputException(
                $"--kubeconfig {file}: kernels are read in labs only; --planned traces what that cluster plans");
        var lab = CapsuleEntry.Current is { } path
            ? new LabDirectory(Path.GetFileName(path), path)
            : LabDirectory.FindRunning(parsed.GetValue(LabCommand.LabOption));
        return LabTrace.RunAsync(
            request, lab, [.. parsed.Tokens.Select(t => t.Value)], TimeProvider.System, cancel);
    }

    private static void Show(TraceRequest request, TraceResult result, bool json)
    {
        if (json)
        {
            JsonOutput.Write(TraceJson.Of(result));
            return;
        }
        var colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        var what = result.Packet is { } packet ? $": {packet}" : "";
        var kind = request.Planned ? "planned trace" : "trace";
        new TraceText(Console.Out, colour).Write($"{kind}{what}", result);
    }

    private static TransportProtocol? ProtocolOf(string? word) => word switch
    {
        "tcp" => TransportProtocol.Tcp,
        "udp" => TransportProtocol.Udp,
        "icmp" => TransportProtocol.Icmp,
        _ => null,
    };

    private static int Code(Verdict verdict) => verdict switch
    {
        Verdict.Reachable => ExitCode.Good,
        Verdict.Unknown => ExitCode.Unknown,
        _ => ExitCode.Problems,
    };
}
