namespace Causeway.Agent.Proxy;

/// <summary>The sockets by which we changed a ruleset of late: what the kernel tells of their changes is no news. A
/// tool's socket has the tool's process id for its address, and one change may be told more than once.</summary>
internal sealed class OwnChanges
{
    private const int Remembered = 64;

    private readonly Queue<uint> _ports = new();

    public void Add(uint port)
    {
        _ports.Enqueue(port);
        if (_ports.Count > Remembered) _ports.Dequeue();
    }

    public bool Contains(uint port) => _ports.Contains(port);
}
