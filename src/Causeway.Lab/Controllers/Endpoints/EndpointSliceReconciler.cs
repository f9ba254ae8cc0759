using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Controllers.Endpoints;

/// <summary>
/// Keeps a service's slices with the fewest writes: an endpoint stays in the slice it is in; new ones fill up
/// slices that are written anyway, then one that has room for all of them, then slices of their own.
/// </summary>
public static class EndpointSliceReconciler
{
    public const int MostEndpoints = 100;
    public const string ManagedBy = "endpointslice-controller.k8s.io";

    /// <param name="slices">Those that name the service; others are passed over.</param>
    public static Reconciliation Reconcile(
        ServiceObject service, IEnumerable<PodObject> pods, Func<string, string?> zoneOf,
        IEnumerable<EndpointSliceObject> slices)
    {
        if (!service.SelectsPods || service.Metadata.DeletionTimestamp is not null)
            return Reconciliation.Nothing;
        var ours = slices.Where(s => IsOurs(s, service)).OrderBy(s => s.Metadata.Name, StringComparer.Ordinal)
            .ToList();
        var groups = ServiceEndpoints.Of(service, pods, zoneOf);
        var writes = ImmutableArray.CreateBuilder<ObjectWrite>();
        HashSet<string> claimed = [];
        foreach (var type in service.Spec.IpFamilies ?? [])
            if (groups.All(g => g.AddressType != type)) KeepOneEmpty(service, type, ours, claimed, writes);
        foreach (var group in groups)
        {
            var existing = ours.Where(s => EndpointGroup.KeyOf(s.AddressType, s.Ports ?? []) == group.Key)
                .ToList();
            foreach (var slice in existing) claimed.Add(slice.Metadata.Name);
            Pack(service, group, existing, writes);
        }
        foreach (var slice in ours.Where(s => !claimed.Contains(s.Metadata.Name))) writes.Add(Delete(slice));
        return new(writes.ToImmutable());
    }

    /// <summary>It belongs to this service, by name, and to this controller.</summary>
    public static bool IsOurs(EndpointSliceObject slice, ServiceObject service) =>
        slice.Metadata.Namespace == service.Metadata.Namespace
        && slice.Metadata.DeletionTimestamp is null
        && slice.Metadata.Labels?.GetValueOrDefault(EndpointSlice.ServiceNameLabel) == service.Metadata.Name
        && slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ManagedByLabel) == ManagedBy;

    private static void Pack(
        ServiceObject service, EndpointGroup group, List<EndpointSliceObject> existing,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        var missing = group.Endpoints.ToDictionary(KeyOf);
        List<(EndpointSliceObject Slice, List<EndpointObject> Endpoints, bool Changed)> kept = [];
        foreach (var slice in existing)
        {
            List<EndpointObject> stay = [];
            foreach (var endpoint in slice.Endpoints ?? [])
                if (missing.Remove(KeyOf(endpoint), out var wanted)) stay.Add(wanted);
            var changed = !stay.SequenceEqual(slice.Endpoints ?? []) || !HasLabels(slice, service);
            kept.Add((slice, stay, changed));
        }
        Queue<EndpointObject> left = new(group.Endpoints.Where(e => missing.ContainsKey(KeyOf(e))));
        foreach (var (_, endpoints, changed) in kept.OrderByDescending(k => k.Endpoints.Count))
            if (changed && endpoints.Count > 0) Fill(endpoints, left);
        if (left.Count > 0 && kept.Where(k => k.Endpoints.Count + left.Count <= MostEndpoints)
            .OrderByDescending(k => k.Endpoints.Count).FirstOrDefault() is { Slice: not null } roomy)
            Fill(roomy.Endpoints, left);
        foreach (var (slice, endpoints, changed) in kept)
        {
            if (endpoints.Count == 0 && group.Endpoints.Length > 0) writes.Add(Delete(slice));
            else if (changed || endpoints.Count != (slice.Endpoints?.Count ?? 0))
                writes.Add(Patch(service, slice, endpoints));
        }
        while (left.Count > 0)
        {
            List<EndpointObject> endpoints = [];
            Fill(endpoints, left);
            writes.Add(Create(service, group.AddressType, group.Ports, endpoints));
        }
    }

    /// <summary>A service without endpoints has one slice that says so.</summary>
    private static void KeepOneEmpty(
        ServiceObject service, string type, List<EndpointSliceObject> ours, HashSet<string> claimed,
        ImmutableArray<ObjectWrite>.Builder writes)
    {
        var keep = ours.Where(s => s.AddressType == type)
            .OrderBy(s => s.Endpoints?.Count ?? 0).FirstOrDefault();
        if (keep is null)
        {
            writes.Add(Create(service, type, [], []));
            return;
        }
        claimed.Add(keep.Metadata.Name);
        if (keep.Endpoints is { Count: > 0 } || !HasLabels(keep, service))
            writes.Add(Patch(service, keep, []));
    }

    private static void Fill(List<EndpointObject> endpoints, Queue<EndpointObject> left)
    {
        while (endpoints.Count < MostEndpoints && left.TryDequeue(out var next)) endpoints.Add(next);
    }

    private static string KeyOf(EndpointObject endpoint) =>
        $"{endpoint.TargetRef?.Uid} {string.Join(' ', endpoint.Addresses)}";

    private static bool HasLabels(EndpointSliceObject slice, ServiceObject service)
    {
        var wanted = LabelsOf(service);
        return wanted.Count == slice.Metadata.Labels?.Count
            && wanted.All(l => slice.Metadata.Labels.GetValueOrDefault(l.Key) == l.Value);
    }

    /// <summary>The service's own labels, and those by which slices are found.</summary>
    private static Dictionary<string, string> LabelsOf(ServiceObject service)
    {
        Dictionary<string, string> labels = new(service.Metadata.Labels ?? Labels.None)
        {
            [EndpointSlice.ServiceNameLabel] = service.Metadata.Name,
            [EndpointSlice.ManagedByLabel] = ManagedBy,
        };
        labels.Remove(Service.HeadlessLabel);
        if (service.IsHeadless) labels[Service.HeadlessLabel] = "";
        return labels;
    }

    private static ObjectWrite.Create Create(
        ServiceObject service, string type, ImmutableArray<SlicePort> ports, List<EndpointObject> endpoints)
    {
        var labels = new JsonObject();
        foreach (var (key, value) in LabelsOf(service)) labels[key] = value;
        var prefix = service.Metadata.Name + "-";
        return new(ApiResources.EndpointSlices, service.Metadata.Namespace, prefix, new()
        {
            ["apiVersion"] = ApiResources.EndpointSlices.ApiVersion,
            ["kind"] = ApiResources.EndpointSlices.Kind,
            ["metadata"] = new JsonObject
            {
                ["generateName"] = prefix,
                ["namespace"] = service.Metadata.Namespace,
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(OwnedObjects.Reference(ApiResources.Services, service)),
            },
            ["addressType"] = type,
            ["endpoints"] = Json(endpoints),
            ["ports"] = new JsonArray([.. ports.Select(p =>
                JsonSerializer.SerializeToNode(p, ObjectJson.Default.SlicePort))]),
        });
    }

    private static ObjectWrite.Patch Patch(
        ServiceObject service, EndpointSliceObject slice, List<EndpointObject> endpoints)
    {
        var labels = new JsonObject();
        var wanted = LabelsOf(service);
        foreach (var key in slice.Metadata.Labels?.Keys ?? [])
            if (!wanted.ContainsKey(key)) labels[key] = null;
        foreach (var (key, value) in wanted) labels[key] = value;
        var metadata = OwnedObjects.Exactly(slice);
        metadata["labels"] = labels;
        return new(ApiResources.EndpointSlices, slice.Metadata.Namespace, slice.Metadata.Name,
            new() { ["metadata"] = metadata, ["endpoints"] = Json(endpoints) });
    }

    private static ObjectWrite.Delete Delete(EndpointSliceObject slice) => new(
        ApiResources.EndpointSlices, slice.Metadata.Namespace, slice.Metadata.Name, slice.Metadata.Uid ?? "");

    private static JsonArray Json(List<EndpointObject> endpoints) => new(
        [.. endpoints.Select(e => JsonSerializer.SerializeToNode(e, ObjectJson.Default.EndpointObject))]);
}
