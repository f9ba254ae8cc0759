using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Rest;

namespace Causeway.Lab.ApiServer;

/// <summary>The objects that every cluster has from its first moment.</summary>
internal static class Bootstrap
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public",
        "kube-node-lease"];

    public static async Task RunAsync(ServerContext server)
    {
        var writer = new ObjectWriter(server);
        foreach (var name in Namespaces)
        {
            if (server.Store.State.Find(new("namespaces", "", name)) is not null) continue;
            JsonObject value = new()
            {
                ["apiVersion"] = "v1", ["kind"] = "Namespace",
                    ["metadata"] = new JsonObject { ["name"] = name },
            };
            await writer.CreateAsync(BuiltInResources.Namespaces, null, value, WriteOptions.Internal);
        }
    }
}
