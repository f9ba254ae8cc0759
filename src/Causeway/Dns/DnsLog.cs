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

    [LoggerMessage(Level = LogLevel.Information, Message = "ready: no names of its own, others are asked")]
    public partial void ReadyToForward();

    [LoggerMessage(Level = LogLevel.Warning, Message = "API: {Problem}")]
    public partial void ApiProblem(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "no name: {Problem}")]
    public partial void Nameless(string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "stopping: answering for another {Seconds} s")]
    public partial void LameDuck(double seconds);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "query {Client} {Id} {Type} {Name} {Transport} {Rcode} {Milliseconds:0.000} ms")]
    public partial void Query(
        string client, ushort id, string type, string name, string transport, string rcode, double milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "upstream {Server} does not answer: {Why}")]
    public partial void UpstreamFails(string server, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "upstream {Server} answers again")]
    public partial void UpstreamRecovered(string server);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Where}: forward names no server: names outside the cluster are not found")]
    public partial void NoUpstream(string where);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "a loop: what is forwarded comes back to this server; names outside the cluster fail until {Where} is changed")]
    public partial void Loop(string where);

    [LoggerMessage(Level = LogLevel.Information, Message = "the configuration changed: {Servers} servers")]
    public partial void Reloaded(int servers);

    [LoggerMessage(Level = LogLevel.Error, Message = "the changed configuration is not used, the last good one stays: {Problems}")]
    public partial void NotReloaded(string problems);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Certificate} is renewed")]
    public partial void Renewed(string certificate);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Files} have changed and cannot be used, the last good ones stay: {Why}")]
    public partial void NotRenewed(string files, string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "health, ready and prometheus stay where they are: their addresses are taken at the next start")]
    public partial void NotMoved();

    [LoggerMessage(Level = LogLevel.Information, Message = "stopped")]
    public partial void Stopped();

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} failed, going on: {Error}")]
    public partial void Failed(string what, string error);
}
