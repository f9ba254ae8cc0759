using System.Text.Json.Nodes;
using Causeway.Kubernetes.Configuration;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Rest;

namespace Causeway.Lab.ApiServer.Accounts;

/// <summary>Gives new pods a volume with their account's token, the server's authority and their namespace, as the
/// ServiceAccount admission plugin does.</summary>
internal static class AccountVolume
{
    private const string Path = InClusterConfig.Directory;

    private const string Prefix = "kube-api-access-";
    private const string DefaultAccount = "default";

    /// <summary>An hour and 7 seconds, by which kubelets tell it from what somebody asked for.</summary>
    private const int TokenSeconds = 3607;

    /// <summary>Changes the pod. Throws 403 when its account does not exist; the default one may be late.</summary>
    public static void Add(JsonObject pod, ServerContext server)
    {
        if (pod["spec"] is not JsonObject spec) return;
        var name = spec.Text("serviceAccountName") ?? spec.Text("serviceAccount") ?? DefaultAccount;
        var account = server.Store.State.Find(
            new("serviceaccounts", pod.Text("metadata", "namespace") ?? "", name))?.Parse();
        if (account is null && name != DefaultAccount)
        {
            var (ns, podName) = (pod.Text("metadata", "namespace"), pod.Text("metadata", "name") ?? "");
            throw StatusException.Forbidden(Resources.BuiltInResources.Pods, podName,
                $"error looking up service account {ns}/{name}: serviceaccount \"{name}\" not found");
        }
        if (((spec.At("automountServiceAccountToken") ?? account.At("automountServiceAccountToken")) as JsonValue)
            ?.TryGetValue(out bool wanted) == true && !wanted) return;
        Mount(spec, server.NewSuffix());
    }

    private static void Mount(JsonObject spec, string suffix)
    {
        var existing = spec.Items("volumes").Select(v => v.Text("name"))
            .FirstOrDefault(n => n?.StartsWith(Prefix, StringComparison.Ordinal) == true);
        var name = existing ?? Prefix + suffix;
        var mounted = false;
        foreach (var container in spec.Items("initContainers").Concat(spec.Items("containers")).OfType<JsonObject>())
        {
            if (container.Items("volumeMounts").Any(m => m.Text("mountPath") == Path)) continue;
            List(container, "volumeMounts").Add((JsonNode)new JsonObject
            {
                ["name"] = name, ["readOnly"] = true, ["mountPath"] = Path,
            });
            mounted = true;
        }
        if (mounted && existing is null) List(spec, "volumes").Add((JsonNode)Volume(name));
    }

    private static JsonArray List(JsonObject owner, string field)
    {
        if (owner[field] is not JsonArray list) owner[field] = list = [];
        return list;
    }

    private static JsonObject Volume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject
                {
                    ["serviceAccountToken"] = new JsonObject
                    {
                        ["expirationSeconds"] = TokenSeconds, ["path"] = "token",
                    },
                },
                new JsonObject
                {
                    ["configMap"] = new JsonObject
                    {
                        ["name"] = StandingObjects.AuthorityMap,
                        ["items"] = new JsonArray(
                            new JsonObject
                            {
                                ["key"] = StandingObjects.AuthorityKey, ["path"] = StandingObjects.AuthorityKey,
                            }),
                    },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "namespace",
                            ["fieldRef"] = new JsonObject
                            {
                                ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace",
                            },
                        }),
                    },
                }),
        },
    };
}
