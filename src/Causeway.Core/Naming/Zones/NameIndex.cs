using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Zones;

/// <summary>
/// The objects that have names, found by the bytes of a question. One writer tells it the changes; any number of
/// readers look things up meanwhile, without waiting. A change costs what the changed service has, not what the cluster has.
/// </summary>
public sealed class NameIndex
{
    private readonly ConcurrentDictionary<byte[], ServiceEntry> _services = new(WireKeys.Instance);
    private readonly ConcurrentDictionary<byte[], ServiceEntry>.AlternateLookup<ReadOnlySpan<byte>> _byKey;
    private readonly ConcurrentDictionary<byte[], string> _namespaces = new(WireKeys.Instance);
    private readonly ConcurrentDictionary<byte[], string>.AlternateLookup<ReadOnlySpan<byte>> _byNamespace;
    private readonly ConcurrentDictionary<IpAddress, ImmutableArray<byte[]>> _byAddress = [];
    private readonly ConcurrentDictionary<IpAddress, ImmutableArray<(string Namespace, string Name)>> _pods = [];

    // The writer's own: what services and slices say, which may come in any order.
    private readonly Dictionary<byte[], Parts> _parts = new(WireKeys.Instance);
    private readonly Dictionary<string, byte[]> _sliceOwners = new(StringComparer.Ordinal);
    private readonly ServiceEntryReader _reader;

    /// <param name="complain">Told what cannot have a name, and why.</param>
    public NameIndex(Action<string>? complain = null)
    {
        _reader = new(complain ?? (_ => { }));
        _byKey = _services.GetAlternateLookup<ReadOnlySpan<byte>>();
        _byNamespace = _namespaces.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Counts up with every change of a name; a zone's serial.</summary>
    public uint Serial { get; private set; } = 1;

    public int Count => _services.Count;

    public IEnumerable<ServiceEntry> Services => _services.Values;

    /// <summary>Those of services and endpoints.</summary>
    public IEnumerable<IpAddress> Addresses => _byAddress.Keys;

    /// <summary>Takes a Service, EndpointSlice, Namespace or Pod as it is now; of a Pod before it changed see
    /// <see cref="Removed"/>.</summary>
    public void Set(KubeObject item)
    {
        switch (item)
        {
            case Service service: SetService(service); break;
            case EndpointSlice slice: SetSlice(slice); break;
            case Namespace ns when ServiceEntryReader.KeyOf(ns.Metadata.Name) is { } key:
                _namespaces[key] = ns.Metadata.Name;
                break;
            case Pod pod: SetPod(pod, present: !pod.IsFinished && !pod.Spec.HostNetwork); break;
        }
        Serial++;
    }

    /// <summary>Takes an object that is no more, as it last was.</summary>
    public void Removed(KubeObject item)
    {
        switch (item)
        {
            case Service { Metadata: { Namespace: { } ns, Name: var name } }
                when ServiceEntryReader.KeyOf(ns, name) is { } key:
                if (_parts.TryGetValue(key, out var parts)) Publish(key, parts with { Own = null });
                break;
            case EndpointSlice slice: RemoveSlice(SliceId(slice), null); break;
            case Namespace ns when ServiceEntryReader.KeyOf(ns.Metadata.Name) is { } key:
                _namespaces.TryRemove(key, out _);
                break;
            case Pod pod: SetPod(pod, present: false); break;
        }
        Serial++;
    }

    /// <param name="key">Labels of service and namespace, in lower case.</param>
    public bool TryService(ReadOnlySpan<byte> key, [NotNullWhen(true)] out ServiceEntry? entry) =>
        _byKey.TryGetValue(key, out entry);

    /// <param name="key">The label, in lower case.</param>
    public bool HasNamespace(ReadOnlySpan<byte> key) => _byNamespace.ContainsKey(key);

    /// <summary>The services that have this as a cluster IP or as an endpoint.</summary>
    public IEnumerable<ServiceEntry> ServicesAt(IpAddress address)
    {
        foreach (var key in _byAddress.GetValueOrDefault(address, []))
            if (_services.TryGetValue(key, out var entry)) yield return entry;
    }

    public bool HasPod(string ns, IpAddress address) =>
        _pods.GetValueOrDefault(address, []).Any(pod => pod.Namespace == ns);

    /// <summary>The namespace of the pod with this address; null when there is none, or when pods are not followed.</summary>
    public string? NamespaceOf(IpAddress address) => _pods.GetValueOrDefault(address, []) is [var pod, ..] ? pod.Namespace : null;

    private void SetService(Service service)
    {
        if (ServiceEntryReader.KeyOf(service.Metadata.Namespace ?? "", service.Metadata.Name) is not { } key)
        {
            _reader.Read(service);
            return;
        }
        Publish(key, PartsOf(key) with { Own = _reader.Read(service) });
    }

    private void SetSlice(EndpointSlice slice)
    {
        var id = SliceId(slice);
        var read = _reader.Read(slice);
        RemoveSlice(id, read?.Service);
        if (read is not var (key, entry)) return;
        _sliceOwners[id] = key;
        var parts = PartsOf(key);
        Publish(key, parts with { Slices = [.. parts.Slices.Where(s => s.Name != entry.Name), entry] });
    }

    /// <param name="staysWith">The service to which the slice is about to be set anew.</param>
    private void RemoveSlice(string id, byte[]? staysWith)
    {
        if (!_sliceOwners.TryGetValue(id, out var owner)
            || (staysWith is not null && WireKeys.Instance.Equals(owner, staysWith))) return;
        _sliceOwners.Remove(id);
        var name = id[(id.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (_parts.TryGetValue(owner, out var parts))
            Publish(owner, parts with { Slices = parts.Slices.RemoveAll(s => s.Name == name) });
    }

    private void SetPod(Pod pod, bool present)
    {
        // By name as well: another pod may have the address already when this one goes.
        var id = (pod.Metadata.Namespace ?? "", pod.Metadata.Name);
        foreach (var address in pod.Addresses())
        {
            var others = _pods.GetValueOrDefault(address, []).Remove(id);
            if (present) _pods[address] = others.Add(id);
            else if (others.IsEmpty) _pods.TryRemove(address, out _);
            else _pods[address] = others;
        }
    }

    private Parts PartsOf(byte[] key) => _parts.GetValueOrDefault(key, Parts.None);

    private void Publish(byte[] key, Parts parts)
    {
        if (parts.Own is null && parts.Slices.IsEmpty) _parts.Remove(key);
        else _parts[key] = parts;
        var entry = parts.Entry();
        _services.TryGetValue(key, out var old);
        if (entry is not null) _services[key] = entry;
        else _services.TryRemove(key, out _);

        HashSet<IpAddress> before = [.. AddressesOf(old)], after = [.. AddressesOf(entry)];
        foreach (var address in after) if (!before.Contains(address)) Point(address, key);
        foreach (var address in before) if (!after.Contains(address)) Unpoint(address, key);
    }

    private void Point(IpAddress address, byte[] key) =>
        _byAddress[address] = _byAddress.GetValueOrDefault(address, []).Add(key);

    private void Unpoint(IpAddress address, byte[] key)
    {
        var rest = _byAddress.GetValueOrDefault(address, []).RemoveAll(k => WireKeys.Instance.Equals(k, key));
        if (rest.IsEmpty) _byAddress.TryRemove(address, out _);
        else _byAddress[address] = rest;
    }

    private static IEnumerable<IpAddress> AddressesOf(ServiceEntry? entry) => entry is null
        ? []
        : entry.Addresses.Concat(entry.Slices.SelectMany(s => s.Endpoints).Select(e => e.Address));

    private static string SliceId(EndpointSlice slice) => $"{slice.Metadata.Namespace}/{slice.Metadata.Name}";

    /// <param name="Own">What the Service object says; null while there is none.</param>
    private sealed record Parts(ServiceEntry? Own, ImmutableArray<SliceEntry> Slices)
    {
        public static readonly Parts None = new(null, []);

        public ServiceEntry? Entry() => Own?.With(Slices);
    }
}

/// <summary>Compares lower-case names in wire form; a span finds what an array was stored under.</summary>
internal sealed class WireKeys : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly WireKeys Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => DnsCase.HashOfLower(obj);

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => DnsCase.HashOfLower(alternate);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
