namespace Causeway.Core.Naming.Zones;

/// <summary>What a name stands for by its place in the zone, whether there is such a thing or not.</summary>
internal enum NameKind
{
    /// <summary>By its shape nothing can have this name.</summary>
    Nothing,

    Apex,

    /// <summary><c>dns-version</c>.</summary>
    Version,

    /// <summary><c>ns.dns</c>.</summary>
    NameServer,

    /// <summary><c>dns</c>, <c>svc</c> and <c>pod</c>: names stand below them, and nothing on them.</summary>
    Branch,

    /// <summary><c>NAMESPACE.svc</c> or <c>NAMESPACE.pod</c>.</summary>
    Namespace,

    /// <summary><c>SERVICE.NAMESPACE.svc</c>.</summary>
    Service,

    /// <summary><c>_PROTOCOL.SERVICE.NAMESPACE.svc</c>.</summary>
    Protocol,

    /// <summary><c>_PORT._PROTOCOL.SERVICE.NAMESPACE.svc</c>.</summary>
    Port,

    /// <summary><c>ENDPOINT.SERVICE.NAMESPACE.svc</c>.</summary>
    Endpoint,

    /// <summary><c>ADDRESS.NAMESPACE.pod</c>.</summary>
    Pod,
}

/// <summary>A name below a cluster's domain, told apart by its labels (Kubernetes DNS specification 1.1.0, section 2).
/// Points into the bytes that it was read from.</summary>
internal readonly ref struct ZoneName
{
    private const int MostLabels = 5;

    public NameKind Kind { get; private init; }

    /// <summary>Of what a service has: its label and its namespace's, in wire form.</summary>
    public ReadOnlySpan<byte> Service { get; private init; }

    /// <summary>The label in wire form.</summary>
    public ReadOnlySpan<byte> Namespace { get; private init; }

    /// <summary>The leftmost label's bytes; of a port's name without the underscore.</summary>
    public ReadOnlySpan<byte> First { get; private init; }

    /// <summary>Of a port's or protocol's name, without the underscore.</summary>
    public ReadOnlySpan<byte> Protocol { get; private init; }

    public bool IsPodNamespace { get; private init; }

    /// <param name="relative">The labels before the domain, lower case, in wire form without a root.</param>
    public static ZoneName Read(ReadOnlySpan<byte> relative)
    {
        if (relative.IsEmpty) return new() { Kind = NameKind.Apex };
        Span<byte> starts = stackalloc byte[MostLabels];
        var count = 0;
        for (var at = 0; at < relative.Length; at += relative[at] + 1)
        {
            if (count == MostLabels) return default;
            starts[count++] = (byte)at;
        }
        var last = relative[starts[count - 1]..];
        if (last.SequenceEqual("\u0003svc"u8)) return OfServices(relative, starts[..count]);
        if (last.SequenceEqual("\u0003pod"u8)) return OfPods(relative, starts[..count]);
        if (relative.SequenceEqual("\u000bdns-version"u8)) return new() { Kind = NameKind.Version };
        if (relative.SequenceEqual("\u0003dns"u8)) return new() { Kind = NameKind.Branch };
        return relative.SequenceEqual("\u0002ns\u0003dns"u8) ? new() { Kind = NameKind.NameServer } : default;
    }

    private static ZoneName OfServices(ReadOnlySpan<byte> relative, scoped ReadOnlySpan<byte> starts)
    {
        var count = starts.Length;
        if (count == 1) return new() { Kind = NameKind.Branch };
        var ns = relative[starts[count - 2]..starts[count - 1]];
        if (count == 2) return new() { Kind = NameKind.Namespace, Namespace = ns };
        ZoneName name = new()
        {
            Kind = NameKind.Service,
            Service = relative[starts[count - 3]..starts[count - 1]],
            Namespace = ns,
            First = relative.Slice(1, relative[0]),
        };
        if (count == 3) return name;
        var second = relative.Slice(starts[count - 4] + 1, relative[starts[count - 4]]);
        var isProtocol = second[0] == (byte)'_';
        if (count == 4)
            return name.As(isProtocol ? NameKind.Protocol : NameKind.Endpoint, name.First, isProtocol ? second[1..] : default);
        return isProtocol && name.First[0] == (byte)'_' ? name.As(NameKind.Port, name.First[1..], second[1..]) : default;
    }

    private static ZoneName OfPods(ReadOnlySpan<byte> relative, scoped ReadOnlySpan<byte> starts) => starts.Length switch
    {
        1 => new() { Kind = NameKind.Branch },
        2 => new() { Kind = NameKind.Namespace, IsPodNamespace = true, Namespace = relative[..starts[1]] },
        3 => new()
        {
            Kind = NameKind.Pod,
            IsPodNamespace = true,
            Namespace = relative[starts[1]..starts[2]],
            First = relative.Slice(1, relative[0]),
        },
        _ => default,
    };

    private ZoneName As(NameKind kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> protocol) => new()
    {
        Kind = kind, Service = Service, Namespace = Namespace, First = first, Protocol = protocol,
    };
}
