using System.CommandLine;
using System.Text.Json.Nodes;
using Causeway.Cli;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.Capsule;

namespace Causeway.Lab;

internal static class StatusCommand
{
    private static readonly Option<string> Output = OutputOption.Create();

    public static Command Create()
    {
        var command = new Command("status", "A lab's API server, nodes, agents and pods. Ends 1 when something is down.")
        {
            Output,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            var lab = LabDirectory.Find(parsed.GetValue(LabCommand.LabOption));
            var status = await ReadAsync(lab, cancel);
            if (parsed.GetValue(Output) == OutputOption.Json) Console.WriteLine(Json(status).ToJsonString());
            else Show(status, Console.Out);
            return status.IsGood ? ExitCode.Good : ExitCode.Problems;
        });
        return command;
    }

    private static async Task<LabStatus> ReadAsync(LabDirectory lab, CancellationToken cancel)
    {
        if (lab.RunningInit() is null) return LabStatus.Stopped(lab);
        using var client = new KubeClient(KubeConfig.Load(lab.Kubeconfig).Access(), TimeProvider.System);
        return await LabStatus.ReadAsync(lab, client, cancel);
    }

    private static void Show(LabStatus status, TextWriter output)
    {
        var lab = status.Lab;
        output.WriteLine(status.Init is { } init
            ? $"lab '{lab.Name}' is running (init {init.Pid}); kubeconfig {lab.Kubeconfig}"
            : $"lab '{lab.Name}' is stopped; 'causeway lab up --lab {lab.Name}' starts it again");
        if (status.Init is null) return;
        output.WriteLine($"API server: {status.ApiProblem ?? "serves"}");
        if (status.ApiProblem is not null) return;
        var table = new TextTable("NODE", "READY", "ADDRESSES", "PODS", "AGENT", "RESTARTS");
        foreach (var node in status.Nodes)
            table.Add(
                node.Name, node.Ready ? "yes" : "no", string.Join(",", node.Addresses), node.Pods.ToString(),
                node.Agent.ToString(), node.Restarts.ToString());
        table.Write(output);
        output.WriteLine(
            $"pods: {status.Pods.Running} running, {status.Pods.Pending} pending, {status.Pods.Other} other");
    }

    private static JsonObject Json(LabStatus status)
    {
        var nodes = new JsonArray();
        foreach (var node in status.Nodes)
        {
            var addresses = new JsonArray();
            foreach (var address in node.Addresses) addresses.Add((JsonNode)address);
            nodes.Add((JsonNode)new JsonObject
            {
                ["name"] = node.Name,
                ["ready"] = node.Ready,
                ["addresses"] = addresses,
                ["pods"] = node.Pods,
                ["agent"] = node.Agent.ToString(),
                ["agentPid"] = node.AgentPid,
                ["restarts"] = node.Restarts,
            });
        }
        return new JsonObject
        {
            ["name"] = status.Lab.Name,
            ["state"] = status.Init is null ? "stopped" : "running",
            ["init"] = status.Init?.Pid,
            ["api"] = status.ApiProblem,
            ["nodes"] = nodes,
            ["pods"] = new JsonObject
            {
                ["running"] = status.Pods.Running, ["pending"] = status.Pods.Pending, ["other"] = status.Pods.Other,
            },
        };
    }
}
