using Causeway.Core.Dataplane;
using Microsoft.Extensions.Logging;

namespace Causeway.Agent;

/// <summary>What the agent says. Tokens and other secrets never appear here.</summary>
internal sealed partial class AgentLog(ILogger logger)
{
    [LoggerMessage(Level = LogLevel.Information, Message = "node {Node}: agent {Version} starts")]
    public partial void Starting(string node, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "ready: the kernel is as planned, {Count} entries")]
    public partial void Ready(int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "services: {Count} ports are in the kernel, by {Backend}")]
    public partial void ServicesReady(int count, string backend);

    [LoggerMessage(Level = LogLevel.Information, Message = "services: {Note}")]
    public partial void ServicesNote(string note);

    [LoggerMessage(Level = LogLevel.Warning, Message = "services: left out: {Problem}")]
    public partial void ServiceProblem(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopping: what is in the kernel stays")]
    public partial void Stopping();

    [LoggerMessage(Level = LogLevel.Warning, Message = "API: {Problem}")]
    public partial void ApiProblem(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "network: {Network}")]
    public partial void Network(string network);

    [LoggerMessage(Level = LogLevel.Warning, Message = "waiting: {Reason}")]
    public partial void Waiting(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "changed from outside, repairing: {What}")]
    public partial void Repairing(string what);

    [LoggerMessage(Level = LogLevel.Debug, Message = "applied: {Operation}")]
    public partial void Applied(Operation operation);

    [LoggerMessage(Level = LogLevel.Error, Message = "the kernel refused: {Operation}: {Error}")]
    public partial void Refused(string operation, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "released {Address}, which had leaked: {Reason}")]
    public partial void Swept(string address, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "forgot {Count} UDP flows to endpoints that are no more")]
    public partial void FlowsForgotten(int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} failed, going on: {Error}")]
    public partial void Failed(string what, string error);
}
