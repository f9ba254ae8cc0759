using System.Net;
using Causeway.Core;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.ApiServer;
using Causeway.Lab.ClusterDns;
using Causeway.Lab.Controllers;
using Causeway.Lab.Fabric;
using Causeway.Lab.Kubelet;
using Causeway.Lab.Kubelet.Streams;
using Causeway.Lab.Nodes;

namespace Causeway.Lab.Capsule;

/// <summary>What runs in a capsule, in the order in which it comes up.</summary>
internal sealed class LabProgram(LabDirectory lab, TimeProvider time, InitProgress progress, TextWriter log)
{
    /// <summary>A pod has its own pair of descriptors here; the kubelet's own limit is what a real one has.</summary>
    private const int PodsPerNode = 110;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly KubeletStreams _streams = new();

    /// <summary>Until cancelled. Throws what keeps the lab from coming up.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var config = lab.ReadConfig()
            ?? throw new InputException($"{lab.ConfigFile}: absent or unreadable; 'causeway lab down' and up again");
        var layout = new FabricLayout(config);
        // The API server needs nothing of the fabric but loopback: it listens on every address, those to come included.
        FabricBuilder.RaiseLoopback();
        var resolvConf = Path.Combine(lab.Path, "resolv.conf");
        await File.WriteAllTextAsync(resolvConf, OutsideNames.ResolvConf(layout), cancellation);
        CapsuleMounts.NameServers(resolvConf);
        var fabric = Task.Run(() => BuildAsync(layout, cancellation), cancellation);
        await using var api = await Task.Run(() => StartApiAsync(config, layout, cancellation), cancellation);
        using var client = new KubeClient(KubeConfig.Load(lab.LocalKubeconfig).Access(), time);
        await new ClusterSetup(client, config, time).RunAsync(cancellation);
        if (config.Dns) await new DnsAddon(client, config).RunAsync(cancellation);
        progress.Step("API server serves, with Causeway's kinds and pools");
        var cni = await fabric;
        await RunPartsAsync(config, layout, cni, client, cancellation);
    }

    private async Task RunPartsAsync(
        LabConfig config, FabricLayout layout, CniInstallation cni, KubeClient client, CancellationToken cancellation)
    {
        Task[] parts =
        [
            new AgentSupervisor(lab, cni, config.Proxy, time, log).RunAsync(config.NodeNames(), cancellation),
            KeepAsync("kubelet", c => LabKubelet.RunAsync(KubeletOptions(config, layout, client), time, c), cancellation),
            KeepAsync("controllers", c => LabControllers.RunAsync(
                client, ServiceNetwork.BalancerRanges(config), time, log.WriteLine, c), cancellation),
            KeepAsync("outside", OutsideServer.RunAsync, cancellation),
            KeepAsync("outside names", c => OutsideNames.RunAsync(lab, layout, c), cancellation),
        ];
        progress.Step(InitProgress.Started);
        await Task.WhenAll(parts);
    }

    private async Task<CniInstallation> BuildAsync(FabricLayout layout, CancellationToken cancellation)
    {
        var cni = CniInstallation.FindAsync(cancellation);
        FabricBuilder.Build(new FabricPlan(layout));
        var installation = await cni;
        foreach (var node in layout.Nodes) installation.Install(new NodePaths(node.Name));
        var segments = layout.Segments == 1 ? "one segment" : "two segments and a router";
        progress.Step($"fabric built: {layout.Nodes.Count} nodes on {segments}");
        return installation;
    }

    private Task<ApiServer.ApiServer> StartApiAsync(
        LabConfig config, FabricLayout layout, CancellationToken cancellation)
    {
        var services = ServiceNetwork.ClusterRanges(config);
        var credentials = LabCredentials.Ensure(lab, layout, services, time.GetUtcNow());
        return ApiServer.ApiServer.StartAsync(
            new ApiServerOptions
            {
                StorePath = lab.StoreFile,
                ListenHandles = [CapsuleLauncher.ListenDescriptor],
                Endpoints = [new IPEndPoint(IPAddress.IPv6Any, FabricLayout.ApiPort)],
                Certificate = credentials.Certificates.ToServerCertificate(),
                Token = credentials.Token,
                Accounts = new(credentials.AccountKey, credentials.Certificates.AuthorityPem),
                Advertised = [.. layout.Api.Select(a => new IPEndPoint(a.Address.ToSystem(), FabricLayout.ApiPort))],
                ServiceRanges = services,
                TimeProvider = time,
                Kubelet = _streams,
            },
            cancellation);
    }

    private KubeletOptions KubeletOptions(LabConfig config, FabricLayout layout, KubeClient client)
    {
        var self = HostTool.Self();
        return new KubeletOptions
        {
            Client = client,
            Nodes = [.. layout.Nodes.Select(KubeletNode)],
            StateDirectory = Path.Combine(lab.Path, "kubelet"),
            Program = [self.Path, .. self.Arguments],
            NodeResolvConf = OutsideNames.ResolvConf(layout),
            ClusterDns = config.Dns ? DnsAddon.Addresses(config) : [],
            PodsPerNode = PodsPerNode,
            Streams = _streams,
            OnProblem = log.WriteLine,
        };
    }

    private static KubeletNode KubeletNode(FabricNode node)
    {
        var paths = new NodePaths(node.Name);
        return new(
            node.Name, paths.NetworkNamespacePath, [.. node.Addresses.Select(a => a.Address)],
            [paths.CniBinaries], paths.CniConfigurations);
    }

    // One part that fails does not take the lab down: it says so in the log and is started again.
    private async Task KeepAsync(string part, Func<CancellationToken, Task> run, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await run(cancellation);
                cancellation.ThrowIfCancellationRequested();
                await log.WriteLineAsync($"{part}: ended");
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                await log.WriteLineAsync($"{part}: {e}");
            }
            await Task.Delay(Pause, time, cancellation);
        }
    }
}
