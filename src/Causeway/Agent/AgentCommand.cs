using System.CommandLine;
using Causeway.Agent.Proxy;
using Causeway.Cli;
using Causeway.Core.Services.Ipvs;
using Causeway.Kubernetes;
using Causeway.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace Causeway.Agent;

/// <summary><c>causeway agent</c>: runs on every node.</summary>
internal static class AgentCommand
{
    private const string DefaultRunDirectory = "/run/causeway";
    private const string DefaultHealthAddress = "127.0.0.1:9099";

    /// <summary>Enough to undo the ADDs under way; with the API away their addresses wait for the runtime's DEL.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var kubeconfig = new Option<string?>("--kubeconfig")
        {
            Description = "How to reach the API server. Default: $KUBECONFIG, else the pod's service account.",
            HelpName = "FILE",
        };
        var node = new Option<string?>("--node")
        {
            Description = "The name of this node's Node object. Default: $NODE_NAME, else the host's name.",
            HelpName = "NAME",
        };
        var run = new Option<string>("--run-dir")
        {
            Description = "Holds the CNI plugin's socket and the endpoints' records.",
            HelpName = "DIR",
            DefaultValueFactory = _ => DefaultRunDirectory,
        };
        var health = new Option<string>("--health-address")
        {
            Description = "Where to serve /healthz, /readyz and /metrics; 'none' serves them nowhere.",
            HelpName = "HOST:PORT",
            DefaultValueFactory = _ => DefaultHealthAddress,
        };
        var proxy = new Option<string>("--proxy")
        {
            Description = "What brings services to the kernel; 'none' leaves them to somebody else.",
            HelpName = string.Join('|', Backends.Names),
            DefaultValueFactory = _ => Backends.Default,
        }.AcceptOnlyFromAmong(Backends.Names);
        var scheduler = new Option<string>("--ipvs-scheduler")
        {
            Description = "With --proxy ipvs: how connections are spread over endpoints.",
            HelpName = string.Join('|', IpvsSettings.Schedulers),
            DefaultValueFactory = _ => new IpvsSettings().Scheduler,
        }.AcceptOnlyFromAmong([.. IpvsSettings.Schedulers]);
        var strictArp = new Option<bool>("--ipvs-strict-arp")
        {
            Description = "With --proxy ipvs: do not answer ARP for services' addresses (MetalLB wants this).",
        };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Log each kernel operation." };
        var command = new Command(
            "agent",
            "Runs this node's agent: keeps the kernel as the API says, and serves the CNI plugin.")
        {
            kubeconfig, node, run, health, proxy, scheduler, strictArp, verbose,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new AgentOptions(
                NodeName(parsed.GetValue(node)),
                Path.GetFullPath(parsed.GetValue(run)!),
                parsed.GetValue(health) is "none" ? null : parsed.GetValue(health),
                parsed.GetValue(proxy)!,
                new IpvsSettings(parsed.GetValue(scheduler)!, parsed.GetValue(strictArp))),
            parsed.GetValue(kubeconfig), parsed.GetValue(verbose), cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        AgentOptions options, string? kubeconfig, bool verbose, CancellationToken cancel)
    {
        var log = new AgentLog(new LineLogger(
            Console.Error, verbose ? LogLevel.Debug : LogLevel.Information, TimeProvider.System));
        var access = ServerProgram.Access(kubeconfig);
        if (access.Authorities is not null) LibraryEnvironment.ForgetSystemCertificates();
        using var client = new KubeClient(access, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using EndSignals signals = new(end, Patience);
        log.Starting(options.Node, typeof(AgentCommand).Assembly.GetName().Version?.ToString(3) ?? "");
        await using var agent = new AgentProcess(options, client, log, TimeProvider.System);
        try
        {
            await agent.RunAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            log.Stopping();
        }
        return ExitCode.Good;
    }

    private static string NodeName(string? given)
    {
        var name = given ?? Environment.GetEnvironmentVariable("NODE_NAME");
        // The kubelet's own default.
        return string.IsNullOrEmpty(name) ? Environment.MachineName.ToLowerInvariant() : name;
    }
}
