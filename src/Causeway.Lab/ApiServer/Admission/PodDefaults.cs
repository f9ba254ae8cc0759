using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Admission;

/// <summary>Of pods and of pod templates.</summary>
internal static class PodDefaults
{
    private const int TolerationSeconds = 300;

    private static readonly string[] NodeFaults =
        ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public static void ApplySpec(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        if (spec.Text("serviceAccountName") is { Length: > 0 } account) spec.Default("serviceAccount",
            account);
        var hostNetwork = spec.Flag("hostNetwork");
        foreach (var field in (string[])["initContainers", "containers"])
            foreach (var container in spec.Items(field).OfType<JsonObject>())
                ApplyContainer(container, hostNetwork);
        foreach (var volume in spec.Items("volumes").OfType<JsonObject>()) ApplyVolume(volume);
    }

    /// <summary>Of pods alone: they stay for a while on a node that is lost, and run with the default
    /// account.</summary>
    public static void ApplyTolerations(JsonObject spec)
    {
        spec.Default("serviceAccountName", "default");
        spec.Default("serviceAccount", spec["serviceAccountName"]!.DeepClone());
        spec.Default("enableServiceLinks", true);
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        spec.Default("priority", 0);
        if (spec["tolerations"] is not JsonArray tolerations) spec["tolerations"] = tolerations = [];
        foreach (var key in NodeFaults)
        {
            if (tolerations.Any(t => Tolerates(t, key))) continue;
            tolerations.Add((JsonNode)new JsonObject
            {
                ["key"] = key, ["operator"] = "Exists", ["effect"] = "NoExecute",
                ["tolerationSeconds"] = TolerationSeconds,
            });
        }
    }

    private static bool Tolerates(JsonNode? toleration, string key) =>
        (toleration.Text("key") ?? "") is var k && (k == key || k.Length == 0)
        && toleration.Text("effect") is null or "" or "NoExecute";

    private static void ApplyContainer(JsonObject container, bool hostNetwork)
    {
        container.Default("resources", new JsonObject());
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", PullPolicy(container.Text("image") ?? ""));
        foreach (var port in container.Items("ports").OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
            if (hostNetwork && port["containerPort"] is { } number) port.Default("hostPort",
                number.DeepClone());
        }
        if (container.At("resources", "limits") is JsonObject limits)
        {
            var requests = container.Ensure("resources").Ensure("requests");
            foreach (var (name, limit) in limits)
                if (limit is not null) requests.Default(name, limit.DeepClone());
        }
        foreach (var variable in container.Items("env"))
            if (variable.Object("valueFrom", "fieldRef") is { } field) field.Default("apiVersion", "v1");
        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
            if (container[probe] is JsonObject settings) ApplyProbe(settings);
    }

    private static void ApplyProbe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
        if (probe["httpGet"] is JsonObject get)
        {
            get.Default("path", "/");
            get.Default("scheme", "HTTP");
        }
    }

    private static void ApplyVolume(JsonObject volume)
    {
        const int readable = 420; // 0644
        foreach (var kind in (string[])["configMap", "secret", "downwardAPI", "projected"])
            if (volume[kind] is JsonObject source) source.Default("defaultMode", readable);
        if (volume["hostPath"] is JsonObject path) path.Default("type", "");
        if (volume.Count == 1) volume["emptyDir"] = new JsonObject();
    }

    /// <summary>An image without a tag, or with the tag latest, may have changed since it was last
    /// pulled.</summary>
    private static string PullPolicy(string image)
    {
        if (image.Contains('@')) return "IfNotPresent";
        var tag = image.LastIndexOf(':');
        return tag <= image.LastIndexOf('/') || image[(tag + 1)..] == "latest" ? "Always" : "IfNotPresent";
    }
}
