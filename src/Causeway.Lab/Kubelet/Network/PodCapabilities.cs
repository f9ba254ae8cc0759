using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Network;

/// <summary>The capability arguments that a runtime derives from a pod (CNI conventions: portMappings,
/// bandwidth).</summary>
public static class PodCapabilities
{
    private const string IngressAnnotation = "kubernetes.io/ingress-bandwidth";
    private const string EgressAnnotation = "kubernetes.io/egress-bandwidth";

    public static ImmutableDictionary<string, JsonElement> Of(PodObject pod)
    {
        var capabilities = ImmutableDictionary<string, JsonElement>.Empty;
        var ports = new JsonArray();
        foreach (var container in pod.Spec?.AllContainers ?? [])
            foreach (var port in container.Ports ?? [])
                if (port.HostPort is > 0 and var hostPort)
                    ports.Add((JsonNode)Mapping(port, hostPort));
        if (ports.Count > 0) capabilities = capabilities.Add("portMappings",
            JsonElement.Parse(ports.ToJsonString()));
        var bandwidth = new JsonObject();
        Limit(bandwidth, "ingress", pod.Metadata.Annotation(IngressAnnotation));
        Limit(bandwidth, "egress", pod.Metadata.Annotation(EgressAnnotation));
        return bandwidth.Count > 0
            ? capabilities.Add("bandwidth", JsonElement.Parse(bandwidth.ToJsonString()))
            : capabilities;
    }

    private static JsonObject Mapping(ContainerPort port, int hostPort)
    {
        var mapping = new JsonObject
        {
            ["hostPort"] = hostPort,
            ["containerPort"] = port.Port,
            ["protocol"] = (port.Protocol ?? "TCP").ToLowerInvariant(),
        };
        if (port.HostIP is { Length: > 0 } address) mapping["hostIP"] = address;
        return mapping;
    }

    /// <summary>Bits per second; bursts are not limited.</summary>
    private static void Limit(JsonObject bandwidth, string direction, string? quantity)
    {
        if (ParseQuantity(quantity) is not { } rate) return;
        bandwidth[direction + "Rate"] = rate;
        bandwidth[direction + "Burst"] = int.MaxValue;
    }

    /// <summary>A resource quantity such as <c>10M</c> or <c>1Gi</c> as a whole number; null when it is
    /// none.</summary>
    internal static long? ParseQuantity(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        var digits = text.AsSpan().TrimEnd("kKMGTPEim");
        decimal? factor = text[digits.Length..] switch
        {
            "" => 1m,
            "m" => 0.001m,
            "k" => 1e3m,
            "M" => 1e6m,
            "G" => 1e9m,
            "T" => 1e12m,
            "Ki" => 1024m,
            "Mi" => 1048576m,
            "Gi" => 1073741824m,
            "Ti" => 1099511627776m,
            _ => null,
        };
        if (factor is null || !decimal.TryParse(
            digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var number)) return null;
        return number > long.MaxValue / factor ? null : (long)Math.Ceiling(number * factor.Value);
    }
}
