using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Lab;
using Causeway.Lab.Capsule;

namespace Causeway.Counters;

/// <summary><c>causeway counters</c>: what services have been met, and what moved since the last look.</summary>
internal static class CountersCommand
{
    private static readonly Option<bool> Watch = new("--watch", "-w")
    {
        Description = "Look again and again, until interrupted, and show what moved between two looks.",
    };

    private static readonly Option<double> Interval = new("--interval")
    {
        Description = "Seconds between two looks (default 1).", HelpName = "SECONDS", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Node = new("--node")
    {
        Description = "One node of the lab (default: all).", HelpName = "NODE",
    };

    private static readonly Option<string> Output = OutputOption.Create();

    public static Command Create()
    {
        var command = new Command(
            "counters",
            "How often each service was met: by address and port with nftables, by chain with iptables. What translates "
            + "counts connections, by their first packet, and not every packet. In a lab of all nodes, else of this one.")
        {
            Watch, Interval, Node, LabCommand.LabOption, Output,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, cancel));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var interval = parsed.GetValue(Interval);
        if (interval is not (>= 0.1 and <= 3600))
            throw new InputException($"--interval {interval}: a number of seconds from 0.1 to 3600 is needed");
        var counters = Counters(parsed);
        var json = parsed.GetValue(Output) == OutputOption.Json;
        var terminal = !Console.IsOutputRedirected;
        for (var first = true; ; first = false)
        {
            try
            {
                var found = counters.Look();
                if (json) Console.WriteLine(Json(found).ToJsonString());
                else Show(found, parsed.GetValue(Watch), terminal, first);
                if (!parsed.GetValue(Watch)) return ExitCode.Good;
                await Task.Delay(TimeSpan.FromSeconds(interval), cancel);
            }
            catch (IOException e)
            {
                Console.Error.WriteLine($"causeway: {e.Message}");
                return ExitCode.Unknown;
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Good;
            }
        }
    }

    private static NodeCounters Counters(ParseResult parsed)
    {
        var (name, node) = (parsed.GetValue(LabCommand.LabOption), parsed.GetValue(Node));
        if (CapsuleEntry.Current is { } path)
            return NodeCounters.OfLab(new LabDirectory(Path.GetFileName(path), path), node);
        if (name is not null || LabDirectory.All().Count > 0)
            CapsuleEntry.Enter(LabDirectory.FindRunning(name), [.. parsed.Tokens.Select(t => t.Value)]);
        return node is null
            ? NodeCounters.OfThisNode()
            : throw new InputException($"--node {node}: there is no lab; on a node of a cluster its own counters are read");
    }

    private static void Show(IReadOnlyList<MovedCounter> found, bool watch, bool terminal, bool first)
    {
        var table = new TextTable(["NODE", "SERVICE", "DESTINATION", "LEADS TO", "PACKETS", "BYTES", .. watch ? ["+PACKETS", "+BYTES"] : Array.Empty<string>()]);
        foreach (var item in found)
            table.Add(
                item.Node, item.Counter.Service, item.Counter.Destination, item.Counter.Chain,
                Number(item.Counter.Packets), Number(item.Counter.Bytes),
                item.Moved ? "+" + Number(item.Packets) : null, item.Moved ? "+" + Number(item.Bytes) : null);
        using var text = new StringWriter();
        table.Write(text);
        var lines = text.ToString().TrimEnd().Split('\n');
        if (watch && terminal) Console.Write("\u001b[H\u001b[2J");
        else if (watch && !first) Console.WriteLine();
        var colour = terminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        for (var i = 0; i < lines.Length; i++)
            Console.WriteLine(colour && i > 0 && found[i - 1].Moved ? $"\u001b[1m{lines[i]}\u001b[0m" : lines[i]);
        if (found.Count == 0) Console.WriteLine("no rules of services here");
    }

    private static JsonArray Json(IReadOnlyList<MovedCounter> found)
    {
        var counters = new JsonArray();
        foreach (var item in found)
            counters.Add((JsonNode)new JsonObject
            {
                ["node"] = item.Node,
                ["service"] = item.Counter.Service,
                ["destination"] = item.Counter.Destination,
                ["leadsTo"] = item.Counter.Chain,
                ["packets"] = item.Counter.Packets,
                ["bytes"] = item.Counter.Bytes,
                ["packetsMoved"] = item.Packets,
                ["bytesMoved"] = item.Bytes,
            });
        return counters;
    }

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
