using System.Globalization;

namespace Causeway.Core.Wire.Netlink;

/// <summary>
/// The expressions of <c>typeof</c>, which the tool keeps with a set to list it as it was declared. The kernel does not read
/// them. The numbers are those of nft's own tables (1.0.6), from what it sends.
/// </summary>
internal static class NftTypeof
{
    private const byte Kind = 0;
    private const byte Content = 1;

    private const uint Payload = 7;
    private const uint Meta = 9;
    private const uint Concatenation = 13;
    private const uint NumberGenerator = 23;

    private const uint LayerFourProtocol = 16;
    private const string Random = "numgen random mod ";

    /// <summary>A concatenation that was declared by the types of its parts.</summary>
    public static NftUserData OfTypes => Expression(Concatenation, new());

    /// <param name="words">As nft says it: <c>ip daddr . th dport</c>.</param>
    public static NftUserData Of(string words)
    {
        var parts = words.Split(" . ");
        if (parts.Length == 1) return Part(parts[0]);
        NftUserData all = new();
        for (var i = 0; i < parts.Length; i++) all.Nest((byte)i, Part(parts[i]));
        return Expression(Concatenation, all);
    }

    private static NftUserData Part(string words) => words switch
    {
        "ip daddr" => Field(12, 12),
        "ip6 daddr" => Field(13, 9),
        "th dport" => Field(11, 2),
        "meta l4proto" => Expression(Meta, new NftUserData().Number(0, LayerFourProtocol)),
        _ when words.StartsWith(Random, StringComparison.Ordinal) && uint.TryParse(
            words.AsSpan(Random.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var modulus) =>
            Expression(NumberGenerator, new NftUserData().Number(0, 1).Number(1, modulus).Number(2, 0)),
        _ => throw NftTableWriter.Unknown($"typeof {words}"),
    };

    private static NftUserData Field(uint protocol, uint field) =>
        Expression(Payload, new NftUserData().Number(0, protocol).Number(1, field));

    private static NftUserData Expression(uint kind, NftUserData content) =>
        new NftUserData().Number(Kind, kind).Nest(Content, content);
}
