using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Cluster.Crds;
using Causeway.Kubernetes;
using Causeway.Kubernetes.Manifests;

namespace Causeway.Lab.Capsule;

/// <summary>The objects that make a fresh API server a cluster with Causeway installed.</summary>
internal sealed class ClusterSetup(KubeClient client, LabConfig config, TimeProvider time)
{
    private const string FieldManager = "causeway-lab";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Definitions are applied anew each time, since the program may be newer than the lab; pools belong to
    /// the user once they are there.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var definitions = KubeTypes.Tree(ApiResources.CustomResourceDefinitions);
        foreach (var definition in ManifestReader.Read(CustomResources.Manifests(), "causeway crds"))
            await client.Patch(
                definitions, definition.Name, PatchFormat.Apply, definition.Object,
                options: new(FieldManager: FieldManager, Force: true), cancel: cancel);
        foreach (var pool in config.Pools.Select(text => Pool(Prefix.Parse(text)))) await CreateAsync(pool, cancel);
    }

    private async Task CreateAsync(JsonObject pool, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await client.Create(KubeTypes.Tree(ApiResources.IpPools), pool, cancel);
                return;
            }
            catch (KubeException e) when (e.IsAlreadyExists)
            {
                return;
            }
            // The API server may take a moment to serve what was just defined.
            catch (KubeException e) when (e.IsNotFound && time.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    private JsonObject Pool(Prefix cidr) => new()
    {
        ["apiVersion"] = ApiResources.IpPools.ApiVersion,
        ["kind"] = ApiResources.IpPools.Kind,
        ["metadata"] = new JsonObject { ["name"] = cidr.Family == IpFamily.V4 ? "default" : "default-v6" },
        ["spec"] = new JsonObject
        {
            ["cidr"] = cidr.ToString(),
            ["encapsulation"] = config.Encapsulation switch
            {
                Encapsulation.Vxlan => "VXLAN",
                Encapsulation.VxlanCrossSubnet => "VXLANCrossSubnet",
                Encapsulation.IpIp => "IPIP",
                Encapsulation.IpIpCrossSubnet => "IPIPCrossSubnet",
                _ => "None",
            },
        },
    };
}
