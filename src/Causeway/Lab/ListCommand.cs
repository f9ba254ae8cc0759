using System.CommandLine;
using System.Text.Json.Nodes;
using Causeway.Cli;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

internal static class ListCommand
{
    public static Command Create()
    {
        var output = OutputOption.Create();
        var command = new Command("list", "The labs of this user.") { output };
        command.SetAction(parsed =>
        {
            var labs = LabDirectory.All();
            if (parsed.GetValue(output) == OutputOption.Json) Console.WriteLine(Json(labs).ToJsonString());
            else Show(labs);
            return ExitCode.Good;
        });
        return command;
    }

    private static void Show(IReadOnlyList<LabDirectory> labs)
    {
        if (labs.Count == 0)
        {
            Console.WriteLine("no lab; 'causeway lab up' makes one");
            return;
        }
        var table = new TextTable("NAME", "STATE", "NODES", "ENCAP", "TOPOLOGY", "FAMILY", "INIT", "KUBECONFIG");
        foreach (var lab in labs)
        {
            var config = lab.ReadConfig();
            var init = lab.RunningInit();
            table.Add(
                lab.Name, State(init), config?.Nodes.ToString(), Word(config?.Encapsulation),
                Word(config?.Topology), Word(config?.Family), init?.Pid.ToString(), lab.Kubeconfig);
        }
        table.Write(Console.Out);
    }

    private static JsonArray Json(IReadOnlyList<LabDirectory> labs)
    {
        var items = new JsonArray();
        foreach (var lab in labs)
        {
            var config = lab.ReadConfig();
            var init = lab.RunningInit();
            items.Add((JsonNode)new JsonObject
            {
                ["name"] = lab.Name,
                ["state"] = State(init),
                ["nodes"] = config?.Nodes,
                ["encapsulation"] = Word(config?.Encapsulation),
                ["topology"] = Word(config?.Topology),
                ["family"] = Word(config?.Family),
                ["init"] = init?.Pid,
                ["kubeconfig"] = lab.Kubeconfig,
            });
        }
        return items;
    }

    private static string State(ProcessIdentity? init) => init is null ? "stopped" : "running";

    private static string? Word<T>(T? value) where T : struct => value?.ToString()?.ToLowerInvariant();
}
