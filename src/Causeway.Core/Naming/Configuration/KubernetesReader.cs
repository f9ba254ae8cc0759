using System.Collections.Immutable;
using Causeway.Core.Naming.Zones;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

internal static class KubernetesReader
{
    private const uint LongestTtl = 3600;

    public static KubernetesSettings Read(PluginReading line)
    {
        KubernetesSettings read = new(
            line.At, line.Zones(line.Arguments), null, null, [], null, null, PodNames.Disabled, false,
            ZoneSettings.DefaultTtl, false, false, Fallthrough.None);
        line.Options(new()
        {
            ["endpoint"] = option => option.Complain("is not taken: name the API server in a kubeconfig"),
            ["tls"] = option => option.Complain("is not taken: name the certificates in a kubeconfig"),
            ["kubeconfig"] = option => read = option.Arguments.Count is 1 or 2
                ? read with { Kubeconfig = option.Arguments[0].Text, Context = option.Arguments.ElementAtOrDefault(1).Text }
                : read,
            ["namespaces"] = option => read = read with { Namespaces = [.. option.Arguments.Select(a => a.Text)] },
            ["labels"] = option => read = read with { Labels = string.Join(' ', option.Arguments) },
            ["namespace_labels"] = option => read = read with { NamespaceLabels = string.Join(' ', option.Arguments) },
            ["pods"] = option => read = read with
            {
                Pods = option.Word(
                    option.One(), PodNames.Disabled, ("disabled", PodNames.Disabled), ("insecure", PodNames.Insecure),
                    ("verified", PodNames.Verified)),
            },
            ["endpoint_pod_names"] = _ => read = read with { EndpointPodNames = true },
            ["ttl"] = option => read = read with { Ttl = option.Number(0, LongestTtl, read.Ttl) },
            ["noendpoints"] = _ => read = read with { NoEndpoints = true },
            ["ignore"] = option => read = read with
            {
                IgnoreEmptyServices = option.Word(option.One(), false, ("empty_service", true)),
            },
            ["fallthrough"] = option => read = read with { Fallthrough = option.Fallthrough() },
            // CoreDNS has ceased to know them; old Corefiles have them still.
            ["upstream"] = _ => { },
            ["resyncperiod"] = _ => { },
        });
        return read;
    }
}
