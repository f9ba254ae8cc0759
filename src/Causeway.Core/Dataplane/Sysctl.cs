namespace Causeway.Core.Dataplane;

/// <summary>A kernel setting.</summary>
/// <param name="Path">Below /proc/sys with slashes, such as <c>net/ipv4/conf/eth0/proxy_arp</c>:
/// device names may hold dots.</param>
public sealed record Sysctl(string Path, string Value) : Entry
{
    /// <summary>The device whose setting it is, or "all" or "default"; null when it is nobody's.</summary>
    public string? Device => Path.Split('/') is ["net", _, "conf" or "neigh", var device, _] ? device : null;

    public override EntryKey Key => new(EntryKind.Sysctl, Path);

    public override bool Fulfils(Entry planned) => planned is Sysctl p && Value == p.Value;

    public override string ToString() => $"{Path} = {Value}";
}
