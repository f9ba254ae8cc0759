namespace Causeway.Lab.Nodes;

/// <summary>What the lab knows of one node's agent process.</summary>
/// <param name="Pid">In the capsule; 0 while it waits to be started again.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="LastExit">Exit code, or 128 + signal, of the run before; null before the first end.</param>
public sealed record AgentRecord(int Pid, int Restarts, int? LastExit);
