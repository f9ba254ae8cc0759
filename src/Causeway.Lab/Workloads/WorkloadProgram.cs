using System.Net.Sockets;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Workloads;

/// <summary>
/// The built-in programs of lab pods, run as <c>causeway workload NAME --port N ...</c>. They start before
/// any command-line parser, server or serializer is touched: that is what keeps a pod at a few MiB.
/// </summary>
public static class WorkloadProgram
{
    private const int Usage = 2;

    /// <summary>Runs until stopped by a signal. Returns an exit code when it cannot start: 1 or 2.</summary>
    public static int Run(IReadOnlyList<string> args)
    {
        var portText = WorkloadArguments.Read(args, "port") ?? "";
        if (args.Count == 0 || !WorkloadArguments.TryPort(portText, out var port))
            return Fail(Usage,
                "usage: causeway workload http|tcp-echo|tcp-hostname|udp-echo|udp-hostname --port N");
        var name = WorkloadArguments.Read(args, "name")
            ?? Environment.GetEnvironmentVariable("HOSTNAME") ?? Environment.MachineName;
        var delayText = WorkloadArguments.Read(args, "delay-shutdown");
        if (delayText is not null && !WorkloadArguments.TrySeconds(delayText, out _))
            return Fail(Usage, $"--delay-shutdown {delayText} is not a number of seconds");
        var delay = delayText is not null && WorkloadArguments.TrySeconds(delayText, out var given)
            ? given : GracefulEnd.DefaultDelay;
        using var end = new GracefulEnd(delay);
        end.Watch();
        try
        {
            switch (args[0])
            {
                case "http":
                    if (WorkloadArguments.Read(args, "udp-port") is { } udp)
                    {
                        if (!WorkloadArguments.TryPort(udp, out var udpPort)) return Fail(Usage,
                            $"--udp-port {udp}");
                        var beside = new UdpWorkload(udpPort, new HttpAnswers(name, null).Datagram);
                        new Thread(() => beside.Run(static () => { }), maxStackSize: 256 * 1024) { IsBackground = true }.Start();
                    }
                    var answers = new HttpAnswers(name, WorkloadArguments.Read(args, "text"));
                    new TcpWorkload(port, new HttpConversation(answers, end).Hold).Run(ReadyNotice.Tell);
                    return 0;
                case "tcp-echo":
                    new TcpWorkload(port, TcpConversations.Echo).Run(ReadyNotice.Tell);
                    return 0;
                case "tcp-hostname":
                    new TcpWorkload(port, socket => TcpConversations.Tell(socket, name)).Run(ReadyNotice.Tell);
                    return 0;
                case "udp-echo":
                    new UdpWorkload(port, static (message, _) => message).Run(ReadyNotice.Tell);
                    return 0;
                case "udp-hostname":
                    new UdpWorkload(port, (_, _) => name).Run(ReadyNotice.Tell);
                    return 0;
                default:
                    return Fail(Usage, $"no workload is called '{args[0]}'");
            }
        }
        catch (SocketException e)
        {
            return Fail(1, $"port {port}: {e.Message}");
        }
    }

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine($"causeway workload: {message}");
        return code;
    }
}
