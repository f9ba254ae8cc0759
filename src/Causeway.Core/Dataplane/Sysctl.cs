namespace Causeway.Core.Dataplane;

/// <summary>A kernel setting.</summary>
/// <param name="Path">Below /proc/sys with slashes, such as <c>net/ipv4/conf/eth0/proxy_arp</c>:
/// device names may hold dots.</param>
public sealed record Sysctl(string Path, string Value) : Entry
{
    public override EntryKey Key => new(EntryKind.Sysctl, Path);

    public override bool Fulfils(Entry planned) => planned is Sysctl p && Value == p.Value;

    public override string ToString() => $"{Path} = {Value}";
}
