using Microsoft.Extensions.Logging;

namespace Causeway.Dns;

/// <summary>What the DNS server says.</summary>
internal sealed partial class DnsLog(ILogger logger)
{
    [LoggerMessage(Level = LogLevel.Information, Message = "dns {Version} starts")]
    public partial void Starting(string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "listening on {Address}")]
    public partial void Listening(string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "ready: {Count} services have names")]
    public partial void Ready(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "API: {Problem}")]
    public partial void ApiProblem(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "no name: {Problem}")]
    public partial void Nameless(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopping: answering for another {Seconds} s")]
    public partial void LameDuck(double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopped")]
    public partial void Stopped();

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} failed, going on: {Error}")]
    public partial void Failed(string what, string error);
}
