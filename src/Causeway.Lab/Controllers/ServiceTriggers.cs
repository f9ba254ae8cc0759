using Causeway.Core.Cluster;
using Causeway.Lab.Controllers.Endpoints;
using Causeway.Lab.Controllers.LoadBalancers;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers;

/// <summary>Which service is looked at after a change of something else.</summary>
internal static class ServiceTriggers
{
    public static void Connect(ClusterCaches caches, WorkQueue slices, WorkQueue balancers)
    {
        caches.Services.OnChange((before, now) =>
        {
            var key = ObjectCache<ServiceObject>.KeyOf((now ?? before)!);
            slices.Add(key);
            balancers.Add(key);
            // An address that became free may be what another waits for.
            if (before is not null && (GivesUp(before, now) || Ingress(before).Except(Ingress(now)).Any()))
                AddWaiting(caches, balancers);
        });
        caches.Pods.OnChange((before, now) =>
        {
            var ns = (now ?? before)!.Metadata.Namespace;
            foreach (var service in caches.Services.All)
                if (service.Metadata.Namespace == ns
                    && (before is not null && service.Selects(before) || now is not null
                        && service.Selects(now)))
                    slices.Add(ObjectCache<ServiceObject>.KeyOf(service));
        });
        caches.EndpointSlices.OnChange((before, now) =>
        {
            if (SliceIndex.ServiceOf((now ?? before)!) is { } service) slices.Add(service);
        });
        caches.Nodes.OnChange((before, now) =>
        {
            if (Zone(before) == Zone(now)) return;
            foreach (var service in caches.Services.All)
                slices.Add(ObjectCache<ServiceObject>.KeyOf(service));
        });
    }

    private static bool GivesUp(ServiceObject before, ServiceObject? now) =>
        before.Spec.Type == Service.LoadBalancerType && now?.Spec.Type != Service.LoadBalancerType;

    private static IEnumerable<string?> Ingress(ServiceObject? service) =>
        service is null ? [] : LoadBalancerAddresses.IngressOf(service).Select(i => i.Ip);

    private static void AddWaiting(ClusterCaches caches, WorkQueue balancers)
    {
        foreach (var service in caches.Services.All)
            if (service.Spec.Type == Service.LoadBalancerType
                && LoadBalancerAddresses.IngressOf(service).Count == 0)
                balancers.Add(ObjectCache<ServiceObject>.KeyOf(service));
    }

    private static string? Zone(NodeObject? node) =>
        node?.Metadata.Labels?.GetValueOrDefault("topology.kubernetes.io/zone");
}
