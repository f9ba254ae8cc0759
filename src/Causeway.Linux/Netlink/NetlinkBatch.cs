using Causeway.Core.Wire.Netlink;

namespace Causeway.Linux.Netlink;

/// <summary>Requests to be sent together. A request that cannot be written leaves no trace in the
/// batch.</summary>
public sealed class NetlinkBatch
{
    private readonly List<int> _offsets = [];

    public NetlinkWriter Writer { get; } = new(1024);

    public int Count => _offsets.Count;

    /// <summary>Adds the one message that the action writes.</summary>
    public void Add(Action<NetlinkWriter> write)
    {
        var start = Writer.Length;
        try
        {
            write(Writer);
        }
        catch
        {
            Writer.Truncate(start);
            throw;
        }
        _offsets.Add(start);
    }

    public void Clear()
    {
        Writer.Clear();
        _offsets.Clear();
    }

    /// <summary>Where a message starts; for the number after the last one, where it ends.</summary>
    internal int Offset(int message) => message < _offsets.Count ? _offsets[message] : Writer.Length;
}
