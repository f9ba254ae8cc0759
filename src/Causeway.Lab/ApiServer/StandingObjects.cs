using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Rest;

namespace Causeway.Lab.ApiServer;

/// <summary>
/// The objects that every cluster has from its first moment, and has again after somebody deleted them: namespaces, the
/// server's own Service with its endpoints, and in each namespace the default ServiceAccount and the server's authority.
/// </summary>
internal sealed class StandingObjects(ServerContext server)
{
    public const string AuthorityMap = "kube-root-ca.crt";
    public const string AuthorityKey = "ca.crt";

    private const string Own = "kubernetes";
    private const int HttpsPort = 443;

    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public",
        "kube-node-lease"];

    /// <summary>Kinds whose changes may ask for more.</summary>
    private static readonly string[] Watched = ["namespaces", "services", "serviceaccounts", "configmaps"];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ObjectWriter _writer = new(server);

    /// <summary>Makes what is missing.</summary>
    public async Task EnsureAsync()
    {
        foreach (var name in Namespaces) await EnsureAsync("namespaces", null, name, () => new JsonObject());
        if (server.Options.Advertised.Count > 0) await EnsureOwnServiceAsync();
        if (server.Options.Accounts is not { } accounts) return;
        foreach (var ns in server.Store.State["namespaces"].List(null))
        {
            if (ns.Fields.GetValueOrDefault("status.phase") == "Terminating") continue;
            await EnsureAsync("serviceaccounts", ns.Key.Name, "default", () => []);
            await EnsureAsync("configmaps", ns.Key.Name, AuthorityMap, () => new()
            {
                ["data"] = new JsonObject { [AuthorityKey] = accounts.AuthorityPem },
            });
        }
    }

    /// <summary>The same again after changes, until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(Watched.Select(kind => FollowAsync(kind, cancel)));

    private async Task FollowAsync(string kind, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                using var changes = server.Store.Subscribe(kind);
                while (await changes.Notices.WaitToReadAsync(cancel))
                {
                    while (changes.Notices.TryRead(out _))
                    {
                        // One look serves all changes that are waiting.
                    }
                    try
                    {
                        await EnsureAsync();
                    }
                    catch (StatusException)
                    {
                        // Another kind's follower was faster, the namespace goes, or the store is full: the next change
                        // asks again.
                    }
                }
                // Cut off for being too slow.
                await Task.Delay(Pause, server.Options.TimeProvider, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task EnsureOwnServiceAsync()
    {
        var range = server.Options.ServiceRanges[0];
        await EnsureAsync("services", "default", Own, () => new()
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = Own } },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = range.Address.Add(1).ToString(),
                ["ports"] = new JsonArray(new JsonObject
                {
                    ["name"] = "https", ["port"] = HttpsPort, ["targetPort"] = server.Options.Advertised[0].Port,
                }),
            },
        });
        var family = range.Family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var addresses = server.Options.Advertised.Where(e => e.AddressFamily == family).ToList();
        await EnsureAsync("discovery.k8s.io/endpointslices", "default", Own, () => new()
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = Own } },
            ["addressType"] = range.Family == IpFamily.V4 ? "IPv4" : "IPv6",
            ["endpoints"] = new JsonArray([.. addresses.Select(Endpoint)]),
            ["ports"] = new JsonArray(new JsonObject
            {
                ["name"] = "https", ["port"] = server.Options.Advertised[0].Port, ["protocol"] = "TCP",
            }),
        });
    }

    private static JsonNode Endpoint(IPEndPoint at) => new JsonObject
    {
        ["addresses"] = new JsonArray(at.Address.ToString()),
        ["conditions"] = new JsonObject { ["ready"] = true },
    };

    /// <param name="make">All but kind and name.</param>
    private async Task EnsureAsync(string kind, string? ns, string name, Func<JsonObject> make)
    {
        if (server.Store.State.Find(new(kind, ns ?? "", name)) is not null) return;
        var type = BuiltInResources.List.First(t => t.StorageKey == kind);
        var value = make();
        value["apiVersion"] = type.ApiVersion;
        value["kind"] = type.Kind;
        value.Ensure("metadata")["name"] = name;
        await _writer.CreateAsync(type, ns, value, WriteOptions.Internal);
    }
}
