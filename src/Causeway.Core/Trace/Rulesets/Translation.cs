using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Trace.Rulesets;

/// <summary>What rules do to addresses, ports and marks.</summary>
internal static class Translation
{
    public static RuleState Destination(RuleState state, IpAddress? address, ushort? port, string quote, string? comment)
    {
        var packet = state.Packet;
        var changed = packet with
        {
            Destination = address ?? packet.Destination,
            DestinationPort = packet.Protocol.HasPorts ? port ?? packet.DestinationPort : packet.DestinationPort,
        };
        return (state with { Packet = changed, Track = state.Track with { DestinationDone = true } })
            .Note($"translates {Place(packet.Destination, packet.DestinationPort)} to "
                + Place(changed.Destination, changed.DestinationPort), quote, comment);
    }

    public static RuleState Source(
        RuleState state, IpAddress? address, ushort? port, bool masquerade, string quote, string? comment)
    {
        var packet = state.Packet;
        var changed = packet with
        {
            Source = address ?? packet.Source,
            SourcePort = packet.Protocol.HasPorts ? port ?? packet.SourcePort : packet.SourcePort,
        };
        var word = masquerade ? "masquerades" : "translates";
        return (state with { Packet = changed, Track = state.Track with { SourceDone = true } })
            .Note($"{word}: source {packet.Source} becomes {changed.Source}", quote, comment);
    }

    /// <summary>The prefix of one address, the rest of another (netmap).</summary>
    public static IpAddress Mapped(Prefix to, IpAddress address)
    {
        var rest = to.Count - 1;
        return IpAddress.FromValue(address.Family, (to.Address.Value & ~rest) | (address.Value & rest));
    }

    /// <summary>At most so many addresses of a range are followed.</summary>
    public static IReadOnlyList<IpAddress> Addresses(IpAddress first, IpAddress last)
    {
        const int most = 16;
        List<IpAddress> all = [];
        for (var address = first; all.Count < most; address = address.Add(1))
        {
            all.Add(address);
            if (address == last || last < first) break;
        }
        return all;
    }

    public static RuleState Mark(RuleState state, uint mark, string quote, string? comment) =>
        state.Packet.Mark == mark
            ? state
            : (state with { Packet = state.Packet with { Mark = mark } })
                .Note(mark == 0 ? "clears the mark" : $"sets mark 0x{mark.ToString("x", CultureInfo.InvariantCulture)}", quote, comment);

    public static string Place(IpAddress address, ushort port) => port == 0 ? $"{address}" : $"{address.ToHost()}:{port}";
}
