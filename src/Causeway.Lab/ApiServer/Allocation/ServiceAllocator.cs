using System.Text.Json.Nodes;
using Causeway.Core.Addressing;
using Causeway.Lab.ApiServer.Admission;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer.Allocation;

/// <summary>
/// The cluster addresses and node ports of all Services. It begins with what the stored objects hold and then
/// follows every write, so that it never needs a store of its own. Safe for many threads.
/// </summary>
internal sealed class ServiceAllocator
{
    public const int FirstNodePort = 30000;
    public const int LastNodePort = 32767;

    private const int ReservedPorts = 86;
    private const int MostReservedAddresses = 256;

    private readonly Lock _gate = new();
    private readonly IReadOnlyList<Prefix> _ranges;
    private readonly Dictionary<IpFamily, NumberRange> _addresses = [];
    private readonly NumberRange _ports =
        new(LastNodePort - FirstNodePort + 1, ReservedPorts, 0);

    /// <param name="ranges">One per family; the first is the family of Services that ask for none.</param>
    /// <param name="stored">The Services that there are.</param>
    public ServiceAllocator(IReadOnlyList<Prefix> ranges, Collection stored)
    {
        _ranges = ranges;
        foreach (var range in ranges)
        {
            // The last address of an IPv4 range is a broadcast address to some.
            var size = range.Family == IpFamily.V4 ? range.Count - 1 : range.Count;
            var reserved = UInt128.Clamp(size / 16, 16, MostReservedAddresses);
            var numbers = _addresses[range.Family] = new(size, UInt128.Min(reserved, size - 1), 2);
            numbers.Take(0);
        }
        foreach (var item in stored.List(null)) Hold(HoldingOf(item.Parse()["spec"] as JsonObject));
    }

    /// <summary>Gives a Service what it needs and does not have yet, and checks what it asks for.</summary>
    /// <param name="before">The object as it is stored; null for a new one.</param>
    /// <param name="next">Filled in.</param>
    /// <param name="errors">What cannot be given; then nothing is held.</param>
    public ServiceClaim Claim(JsonObject? before, JsonObject next, List<FieldError> errors)
    {
        var had = HoldingOf(before?["spec"] as JsonObject);
        ServiceClaim claim = new(this);
        if (next["spec"] is not JsonObject spec) return claim;
        errors.AddRange(ServiceFamilies.Fill(spec, [.. _ranges.Select(r => r.Family)]));
        if (errors.Count > 0) return claim;
        lock (_gate)
        {
            TakeAddresses(spec, had, claim, errors);
            TakePorts(spec, had, claim, errors);
        }
        var has = HoldingOf(spec);
        claim.Dropped = new(had.Addresses.Except(has.Addresses).ToHashSet(),
            had.Ports.Except(has.Ports).ToHashSet());
        if (errors.Count > 0) claim.Dispose();
        return claim;
    }

    /// <summary>A Service is gone.</summary>
    public void Release(JsonObject value) => Free(HoldingOf(value["spec"] as JsonObject));

    internal void Free(ServiceHolding holding)
    {
        lock (_gate)
        {
            foreach (var address in holding.Addresses)
                if (RangeOf(address) is { } range)
                    _addresses[range.Family].Free(address.Value - range.Address.Value);
            foreach (var port in holding.Ports) _ports.Free((UInt128)(uint)(port - FirstNodePort));
        }
    }

    private void Hold(ServiceHolding holding)
    {
        foreach (var address in holding.Addresses)
            if (RangeOf(address) is { } range)
                _addresses[range.Family].Take(address.Value - range.Address.Value);
        foreach (var port in holding.Ports) _ports.Take((UInt128)(uint)(port - FirstNodePort));
    }

    private void TakeAddresses(JsonObject spec, ServiceHolding had, ServiceClaim claim,
        List<FieldError> errors)
    {
        if (!ServiceShape.HasClusterIP(spec) || ServiceShape.IsHeadless(spec)) return;
        var asked = spec.Texts("clusterIPs").ToList();
        List<string> addresses = [];
        foreach (var (family, i) in spec.Texts("ipFamilies").Select((f, i) => (f, i)))
        {
            if (i < asked.Count)
            {
                var address = IpAddress.Parse(asked[i]);
                if (!had.Addresses.Contains(address) && Refusal(address, claim) is { } why)
                    errors.Add(FieldError.Invalid("spec.clusterIPs", spec["clusterIPs"],
                        $"failed to allocate IP {address}: {why}"));
                addresses.Add(asked[i]);
                continue;
            }
            var range = _ranges.First(r => r.Family == ServiceFamilies.FamilyOf(family));
            if (_addresses[range.Family].TakeNext() is not { } number)
            {
                errors.Add(FieldError.Invalid("spec.clusterIPs", spec["clusterIPs"],
                    "failed to allocate a serviceIP: range is full"));
                continue;
            }
            var given = IpAddress.FromValue(range.Family, range.Address.Value + number);
            claim.Addresses.Add(given);
            addresses.Add(given.ToString());
        }
        if (addresses.Count == 0) return;
        spec["clusterIP"] = addresses[0];
        spec["clusterIPs"] = new JsonArray([.. addresses.Select(a => (JsonNode)a)]);
    }

    private string? Refusal(IpAddress address, ServiceClaim claim)
    {
        var range = _ranges.First(r => r.Family == address.Family);
        var number = address.Value - range.Address.Value;
        if (!range.Contains(address) || number >= _addresses[range.Family].Size || number == 0)
            return $"provided IP ({address}) is not in the valid range. The range of valid IPs is {range}";
        if (!_addresses[range.Family].Take(number)) return "provided IP is already allocated";
        claim.Addresses.Add(address);
        return null;
    }

    private void TakePorts(JsonObject spec, ServiceHolding had, ServiceClaim claim, List<FieldError> errors)
    {
        var wants = ServiceShape.HasNodePorts(spec);
        var ports = spec.Items("ports").OfType<JsonObject>().ToList();
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].Number("nodePort") is { } asked)
                TakePort(asked, $"spec.ports[{i}].nodePort", had, claim, errors);
        }
        foreach (var port in ports)
        {
            if (!wants || port["nodePort"] is not null) continue;
            // One port number of a service for two protocols gets one node port for both.
            var twin = ports.FirstOrDefault(p => p.Number("port") == port.Number("port")
                && p.Text("protocol") != port.Text("protocol") && p["nodePort"] is not null);
            if (twin is not null) port.CopyFrom(twin, "nodePort");
            else if (NextPort(claim, errors) is { } number) port["nodePort"] = number;
        }
        if (!ServiceShape.HasHealthPort(spec)) return;
        if (spec.Number("healthCheckNodePort") is { } health)
            TakePort(health, "spec.healthCheckNodePort", had, claim, errors);
        else if (NextPort(claim, errors) is { } number) spec["healthCheckNodePort"] = number;
    }

    private void TakePort(long port, string path, ServiceHolding had, ServiceClaim claim,
        List<FieldError> errors)
    {
        if (port is < FirstNodePort or > LastNodePort)
        {
            errors.Add(FieldError.Invalid(path, port, "provided port is not in the valid range."
                + $" The range of valid ports is {FirstNodePort}-{LastNodePort}"));
            return;
        }
        var number = (int)port;
        // The same number for another protocol of the same service is no second allocation.
        if (had.Ports.Contains(number) || claim.Ports.Contains(number)) return;
        if (_ports.Take((UInt128)(uint)(number - FirstNodePort))) claim.Ports.Add(number);
        else errors.Add(FieldError.Invalid(path, port, "provided port is already allocated"));
    }

    private int? NextPort(ServiceClaim claim, List<FieldError> errors)
    {
        if (_ports.TakeNext() is not { } number)
        {
            errors.Add(FieldError.Invalid("spec.ports", null,
                "failed to allocate a nodePort: range is full"));
            return null;
        }
        var port = FirstNodePort + (int)number;
        claim.Ports.Add(port);
        return port;
    }

    private Prefix? RangeOf(IpAddress address)
    {
        foreach (var range in _ranges)
            if (range.Contains(address)) return range;
        return null;
    }

    private static ServiceHolding HoldingOf(JsonObject? spec)
    {
        if (spec is null || !ServiceShape.HasClusterIP(spec)) return ServiceHolding.None;
        HashSet<IpAddress> addresses = [];
        foreach (var text in spec.Texts("clusterIPs"))
            if (IpAddress.TryParse(text, out var address)) addresses.Add(address);
        HashSet<int> ports = [];
        foreach (var number in spec.Items("ports").Select(p => p.Number("nodePort"))
            .Append(spec.Number("healthCheckNodePort")))
            if (number is >= FirstNodePort and <= LastNodePort) ports.Add((int)number);
        return new(addresses, ports);
    }
}

/// <summary>What one Service has of what there is but once.</summary>
internal sealed record ServiceHolding(IReadOnlySet<IpAddress> Addresses, IReadOnlySet<int> Ports)
{
    public static readonly ServiceHolding None = new(new HashSet<IpAddress>(), new HashSet<int>());
}

/// <summary>What was taken for a write: given back when disposed, unless the write was kept.</summary>
internal sealed class ServiceClaim(ServiceAllocator allocator) : IDisposable
{
    public HashSet<IpAddress> Addresses { get; } = [];

    public HashSet<int> Ports { get; } = [];

    /// <summary>What the object held before and does no longer.</summary>
    public ServiceHolding Dropped { get; set; } = ServiceHolding.None;

    /// <summary>The write is done.</summary>
    public void Keep()
    {
        Addresses.Clear();
        Ports.Clear();
        allocator.Free(Dropped);
    }

    public void Dispose()
    {
        allocator.Free(new(Addresses, Ports));
        Addresses.Clear();
        Ports.Clear();
    }
}
