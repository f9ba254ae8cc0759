using System.Globalization;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Containers;

/// <summary>The variables by which containers are told of Services: <c>NAME_SERVICE_HOST</c> and
/// <c>NAME_SERVICE_PORT</c>, and those of Docker's links (Kubernetes, "Discovering services").</summary>
public static class ServiceVariables
{
    /// <param name="api">The API server's own Service, which every pod is told of.</param>
    /// <param name="ofNamespace">Those of the pod's namespace.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(
        ServiceObject? api, IEnumerable<ServiceObject> ofNamespace)
    {
        Dictionary<string, string> variables = [];
        foreach (var service in ofNamespace.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal))
            Add(variables, service);
        if (api is not null) Add(variables, api);
        return variables;
    }

    private static void Add(Dictionary<string, string> variables, ServiceObject service)
    {
        var ports = service.Spec.Ports ?? [];
        if (service.Spec.ClusterIP is not { Length: > 0 } address || address == Service.Headless || ports.Count == 0)
            return;
        var name = Upper(service.Metadata.Name);
        variables[name + "_SERVICE_HOST"] = address;
        variables[name + "_SERVICE_PORT"] = Number(ports[0].Port);
        foreach (var port in ports.Where(p => !string.IsNullOrEmpty(p.Name)))
            variables[$"{name}_SERVICE_PORT_{Upper(port.Name!)}"] = Number(port.Port);
        var host = address.Contains(':') ? $"[{address}]" : address;
        foreach (var port in ports)
        {
            var protocol = port.Protocol ?? "TCP";
            var url = $"{protocol.ToLowerInvariant()}://{host}:{Number(port.Port)}";
            variables.TryAdd(name + "_PORT", url);
            var prefix = $"{name}_PORT_{Number(port.Port)}_{protocol}";
            variables[prefix] = url;
            variables[prefix + "_PROTO"] = protocol.ToLowerInvariant();
            variables[prefix + "_PORT"] = Number(port.Port);
            variables[prefix + "_ADDR"] = address;
        }
    }

    private static string Upper(string name) => name.ToUpperInvariant().Replace('-', '_');

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
