using System.CommandLine;
using System.Text.Json.Nodes;
using Causeway.Cli;
using Causeway.Kubernetes;

namespace Causeway.Apply;

internal static class ApplyCommand
{
    private static readonly Option<string[]> Files = new("--filename", "-f")
    {
        Description = "A manifest, a directory of manifests, or - for standard input; may be said more than once.",
        HelpName = "FILE",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Namespace = new("--namespace", "-n")
    {
        Description = "Namespace of objects that do not name one (default: the context's, else 'default').",
        HelpName = "NS",
    };

    private static readonly Option<string> Output = OutputOption.Create();

    public static Command Create()
    {
        var command = new Command("apply", "Writes manifests to the cluster, as 'kubectl apply --server-side' does.")
        {
            Files, Namespace, Output,
        };
        ClusterOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var manifests = ManifestFiles.Read(parsed.GetRequiredValue(Files), Console.In);
        var access = ClusterOptions.Access(parsed);
        using var client = new KubeClient(access, TimeProvider.System);
        var json = parsed.GetValue(Output) == OutputOption.Json ? new JsonArray() : null;
        var apply = new ManifestApply(client, parsed.GetValue(Namespace) ?? access.Namespace ?? "default", TimeProvider.System);
        await apply.RunAsync(manifests, applied => Show(applied, json), cancel);
        if (json is not null) Console.WriteLine(json.ToJsonString());
        return ExitCode.Good;
    }

    private static void Show(Applied applied, JsonArray? json)
    {
        if (json is null) Console.WriteLine($"{applied.Object} {applied.Action}");
        else json.Add((JsonNode)new JsonObject
        {
            ["object"] = applied.Object, ["namespace"] = applied.Namespace, ["action"] = applied.Action,
        });
    }
}
