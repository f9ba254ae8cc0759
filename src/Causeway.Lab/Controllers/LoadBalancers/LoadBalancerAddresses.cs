using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Lab.Events;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.LoadBalancers;

/// <summary>
/// Gives Services of type LoadBalancer their addresses, from one range per family. What it gave is in their
/// status; what is being given stands here, so that two at once do not get the same. A Service that names a
/// class belongs to another controller. Safe for many threads.
/// </summary>
internal sealed class LoadBalancerAddresses(
    IReadOnlyList<Prefix> ranges, ClusterCaches caches, EventRecorder events)
{
    private const int FirstOffset = 1;

    private readonly Dictionary<IpAddress, string> _owners = [];
    private readonly Lock _gate = new();

    /// <param name="key">Of a Service, which may be gone.</param>
    public Reconciliation Reconcile(string key)
    {
        var service = caches.Services.Find(key);
        if (service is null || service.Spec.Type != Service.LoadBalancerType)
        {
            Release(key);
            return service is not null && IngressOf(service).Count > 0
                ? new([StatusPatch(service, [])]) : Reconciliation.Nothing;
        }
        if (service.Spec.LoadBalancerClass is not null) return Reconciliation.Nothing;
        var (given, problem) = Choose(key, service);
        if (problem is not null)
            events.Tell(new(ApiResources.Services, service, EventNote.Warning, "AllocationFailed", problem));
        var has = IngressOf(service).Select(i => i.Ip);
        return given.Select(a => a.ToString()).SequenceEqual(has) ? Reconciliation.Nothing
            : new([StatusPatch(service, given)]);
    }

    private (List<IpAddress> Given, string? Problem) Choose(string key, ServiceObject service)
    {
        List<IpAddress> given = [];
        string? problem = null;
        var has = Addresses(service).ToList();
        var asked = IpAddress.TryParse(service.Spec.LoadBalancerIP ?? "", out var wish) ? wish
            : (IpAddress?)null;
        lock (_gate)
        {
            // An owner that is none any more may not have been looked at yet.
            Dictionary<IpAddress, string> taken = new(_owners.Where(o => IsBalanced(o.Value)));
            foreach (var other in caches.Services.All)
                foreach (var address in Addresses(other))
                    taken.TryAdd(address, ObjectCache<ServiceObject>.KeyOf(other));
            foreach (var type in service.Spec.IpFamilies ?? [])
            {
                var family = type == "IPv4" ? IpFamily.V4 : IpFamily.V6;
                if (ranges.All(r => r.Family != family))
                {
                    problem = $"the lab has no {type} range for load balancers";
                    continue;
                }
                var range = ranges.First(r => r.Family == family);
                var wanted = asked is { } a && a.Family == family ? a
                    : has.FirstOrDefault(h => h.Family == family && range.Contains(h));
                var chosen = wanted != default ? wanted : FirstFree(range, taken);
                if (chosen is { } address && range.Contains(address)
                    && (!taken.TryGetValue(address, out var owner) || owner == key))
                {
                    given.Add(address);
                    taken[address] = key;
                }
                else problem = chosen is null ? $"no free address is left in {range}"
                    : $"{chosen} is not free in {range}";
            }
            foreach (var old in _owners.Where(o => o.Value == key).Select(o => o.Key).ToList())
                _owners.Remove(old);
            foreach (var address in given) _owners[address] = key;
        }
        return (given, problem);
    }

    private bool IsBalanced(string key) => caches.Services.Find(key)?.Spec.Type == Service.LoadBalancerType;

    private static IpAddress? FirstFree(Prefix range, Dictionary<IpAddress, string> taken)
    {
        // The last of an IPv4 range is a broadcast address to some.
        for (UInt128 offset = FirstOffset; offset < range.Count - 1; offset++)
        {
            var address = IpAddress.FromValue(range.Family, range.Address.Value + offset);
            if (!taken.ContainsKey(address)) return address;
        }
        return null;
    }

    private void Release(string key)
    {
        lock (_gate)
            foreach (var address in _owners.Where(o => o.Value == key).Select(o => o.Key).ToList())
                _owners.Remove(address);
    }

    public static IReadOnlyList<LoadBalancerIngress> IngressOf(ServiceObject service) =>
        service.Status?.LoadBalancer?.Ingress ?? [];

    private static IEnumerable<IpAddress> Addresses(ServiceObject service)
    {
        foreach (var ingress in IngressOf(service))
            if (IpAddress.TryParse(ingress.Ip ?? "", out var address)) yield return address;
    }

    private static ObjectWrite.Patch StatusPatch(ServiceObject service, IReadOnlyList<IpAddress> addresses)
    {
        JsonArray? ingress = addresses.Count == 0 ? null : new(
            [.. addresses.Select(a =>
                (JsonNode)new JsonObject { ["ip"] = a.ToString(), ["ipMode"] = "VIP" })]);
        return new(ApiResources.Services, service.Metadata.Namespace, service.Metadata.Name,
            new()
            {
                ["metadata"] = OwnedObjects.Exactly(service),
                ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = ingress } },
            },
            "status");
    }
}
