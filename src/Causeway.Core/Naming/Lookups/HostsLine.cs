using System.Collections.Immutable;
using Causeway.Core.Addressing;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Lookups;

/// <summary>A line of hosts(5) that has a name: then no server is asked (nsswitch.conf: <c>files dns</c>).</summary>
/// <param name="Line">From 1.</param>
public sealed record HostsLine(int Line, string Text, IpAddress Address)
{
    /// <summary>Every line with the name as it was typed; a name with a dot at its end is in none.</summary>
    public static ImmutableArray<HostsLine> Find(string hosts, string name)
    {
        if (name.EndsWith('.') || !DnsName.TryParse(name, out var asked, out _)) return [];
        var found = ImmutableArray.CreateBuilder<HostsLine>();
        var lines = hosts.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            HostsTable table = new([lines[i]]);
            foreach (var type in (ReadOnlySpan<DnsType>)[DnsType.A, DnsType.AAAA])
                foreach (var record in table.Records(new(asked, type), ttl: 0, reverse: false) ?? [])
                    found.Add(new(i + 1, lines[i].Trim(), record.Data.Address));
        }
        return found.ToImmutable();
    }
}
