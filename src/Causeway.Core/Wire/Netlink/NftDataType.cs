using System.Collections.Immutable;

namespace Causeway.Core.Wire.Netlink;

/// <summary>The type of a set's keys or values. The kernel keeps the number for the tool, and needs the lengths alone.</summary>
/// <param name="Number">As the tool numbers types: 6 bits for each part of a concatenation.</param>
/// <param name="Lengths">Of the parts, in bytes.</param>
internal sealed record NftDataType(int Number, ImmutableArray<int> Lengths)
{
    private const int BitsOfPart = 6;

    public bool IsConcatenation => Lengths.Length > 1;

    /// <summary>Of the whole; in a concatenation each part begins at a register.</summary>
    public int Bytes => IsConcatenation ? Lengths.Sum(l => l + 3 & ~3) : Lengths.Sum();

    /// <param name="words">As nft says it: <c>ipv4_addr . inet_service</c>.</param>
    public static NftDataType Of(string words)
    {
        var parts = words.Split(" . ");
        // What is known of a type alone holds for addresses only: order of bytes, and the same in all places.
        if (parts is [not ("ipv4_addr" or "ipv6_addr")]) throw NftTableWriter.Unknown($"type {words}");
        var number = 0;
        var lengths = ImmutableArray.CreateBuilder<int>();
        foreach (var part in parts)
        {
            var (id, length) = part switch
            {
                "integer" => (4, 4),
                "ipv4_addr" => (7, 4),
                "ipv6_addr" => (8, 16),
                "inet_proto" => (12, 1),
                "inet_service" => (13, 2),
                _ => throw NftTableWriter.Unknown($"type {part}"),
            };
            number = number << BitsOfPart | id;
            lengths.Add(length);
        }
        return new(number, lengths.ToImmutable());
    }
}
