namespace Causeway.Core.Wire.Netlink;

/// <summary>What a transaction of nftables touched, gathered from its notifications: those of its objects
/// first, each naming its table, and at last the new generation.</summary>
public sealed class NftNews
{
    private const int TableName = 1;

    private readonly HashSet<string> _tables = new(StringComparer.Ordinal);
    private byte[] _last = [];

    /// <summary>Takes a notification. True at a transaction's end: then <paramref name="tables"/> are those it
    /// touched, and <paramref name="generation"/> is the ruleset's number since.</summary>
    public bool Take(NetlinkMessage message, out IReadOnlySet<string> tables, out uint generation)
    {
        (tables, generation) = (_tables, 0);
        if (NetfilterCodec.Message(message.Type) is not { } kind) return false;
        if (kind != NftQueryCodec.NewGeneration)
        {
            NoteTable(message.Payload);
            return false;
        }
        generation = NftQueryCodec.ReadGeneration(message.Payload);
        tables = new HashSet<string>(_tables, StringComparer.Ordinal);
        _tables.Clear();
        _last = [];
        return true;
    }

    // Thousands of elements of one table follow each other: its name is read once.
    private void NoteTable(ReadOnlySpan<byte> payload)
    {
        foreach (var attribute in NetlinkAttributes.After(payload, NetfilterCodec.BodyBytes))
        {
            if (attribute.Type != TableName) continue;
            if (attribute.Value.SequenceEqual(_last)) return;
            _last = attribute.Value.ToArray();
            _tables.Add(attribute.Text);
            return;
        }
    }
}
