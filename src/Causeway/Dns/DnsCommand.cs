using System.CommandLine;
using Causeway.Cli;
using Causeway.Core.Naming.Configuration;
using Causeway.Dns.Asking;
using Causeway.Dns.NodeLocal;
using Causeway.Kubernetes;
using Microsoft.Extensions.Logging;

namespace Causeway.Dns;

/// <summary><c>causeway dns</c>: the cluster's DNS server.</summary>
internal static class DnsCommand
{
    public static Command Create()
    {
        var configuration = new Option<string?>("--conf", "-conf")
        {
            Description = "A Corefile, or FILE.yaml. Default: the cluster's names, and the machine's own servers for others.",
            HelpName = "FILE",
        };
        var kubeconfig = new Option<string?>("--kubeconfig")
        {
            Description = "How to reach the API server. Default: $KUBECONFIG, else the pod's service account.",
            HelpName = "FILE",
        };
        var port = new Option<ushort?>("--port", "-dns.port")
        {
            Description = "Listen there in place of port 53.", HelpName = "PORT",
        };
        var threads = new Option<int>("--threads")
        {
            Description = "How many threads answer UDP. Default: one for each processor, at most 8.",
            HelpName = "N",
            DefaultValueFactory = _ => Math.Clamp(Environment.ProcessorCount, 1, 8),
        };
        var command = new Command("dns", "Answers for the cluster's names, as its Corefile says.")
        {
            configuration, kubeconfig, port, threads, DnsCheckCommand.Create(), QueryCommand.Create(),
        };
        NodeLocalFlags nodeLocal = new(command);
        command.SetAction((parsed, cancel) =>
        {
            var at = parsed.GetValue(port);
            var plan = nodeLocal.Plan(parsed, at ?? ServerKey.DefaultPort);
            var file = parsed.GetValue(configuration);
            return RunAsync(
                new(
                    file, nodeLocal.Configuration(parsed, plan, file) ?? DnsConfiguration.DefaultText,
                    parsed.GetValue(kubeconfig), at, Math.Max(1, parsed.GetValue(threads)), plan),
                cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(DnsOptions options, CancellationToken cancel)
    {
        DnsLog log = new(new LineLogger(Console.Error, LogLevel.Information, TimeProvider.System));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // As long as the configuration says that it answers on.
        using EndSignals signals = new(end, Timeout.InfiniteTimeSpan);
        log.Starting(typeof(DnsCommand).Assembly.GetName().Version?.ToString(3) ?? "");
        using DnsProcess process = new(
            options,
            settings => new KubeClient(
                ServerProgram.Access(
                    options.Kubeconfig ?? settings.Kubeconfig, settings.Context, where: $"{settings.At}: "),
                TimeProvider.System),
            log, TimeProvider.System);
        await process.RunAsync(end.Token);
        return ExitCode.Good;
    }
}
