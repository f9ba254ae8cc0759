using Causeway.Linux.Processes;

namespace Causeway.Lab.Workloads;

/// <summary>What a container runs.</summary>
/// <param name="Arguments">The argument vector; the first is looked up in PATH. Null when
/// <paramref name="Error"/> says why.</param>
/// <param name="GivesNotice">A built-in server, which says when it serves (<see cref="ReadyNotice"/>).</param>
/// <param name="BuiltIn">A program of the lab rather than the user's command.</param>
/// <param name="Error">Why the image cannot be run, for the pod's events and status.</param>
public sealed record ResolvedWorkload(
    IReadOnlyList<string>? Arguments, bool GivesNotice = false, bool BuiltIn = false, string? Error = null);

/// <summary>The table of well-known images.</summary>
public static class ImageTable
{
    private enum Behaviour
    {
        /// <summary>Serves HTTP whatever its arguments are.</summary>
        HttpServer,
        Agnhost,
        HttpEcho,
        /// <summary>No entry point: arguments are the command, none means sleep.</summary>
        Tools,
        Curl,
        /// <summary>This program's own DNS server, which takes CoreDNS's arguments and configuration.</summary>
        Dns,
        Pause,
    }

    private static readonly Dictionary<string, (Behaviour Behaviour, int Port)> Known = new()
    {
        ["nginx"] = (Behaviour.HttpServer, 80),
        ["nginx-unprivileged"] = (Behaviour.HttpServer, 8080),
        ["httpd"] = (Behaviour.HttpServer, 80),
        ["whoami"] = (Behaviour.HttpServer, 80),
        ["hello-app"] = (Behaviour.HttpServer, 8080),
        ["echoserver"] = (Behaviour.HttpServer, 8080),
        ["http-echo"] = (Behaviour.HttpEcho, 5678),
        ["agnhost"] = (Behaviour.Agnhost, 8080),
        ["busybox"] = (Behaviour.Tools, 0),
        ["alpine"] = (Behaviour.Tools, 0),
        ["centos"] = (Behaviour.Tools, 0),
        ["rockylinux"] = (Behaviour.Tools, 0),
        ["fedora"] = (Behaviour.Tools, 0),
        ["debian"] = (Behaviour.Tools, 0),
        ["ubuntu"] = (Behaviour.Tools, 0),
        ["netshoot"] = (Behaviour.Tools, 0),
        ["curl"] = (Behaviour.Curl, 0),
        ["coredns"] = (Behaviour.Dns, 53),
        ["pause"] = (Behaviour.Pause, 0),
    };

    private static readonly string[] Sleep = ["sleep", "infinity"];

    public static IReadOnlyList<string> KnownImages { get; } = [.. Known.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The process for a container, as an image's ENTRYPOINT and CMD combine with
    /// <paramref name="command"/> and <paramref name="args"/> in Kubernetes.</summary>
    /// <param name="program">The argument vector that starts this program's own executable.</param>
    public static ResolvedWorkload Resolve(
        string? image, IReadOnlyList<string> command, IReadOnlyList<string> args,
        IReadOnlyList<string> program)
    {
        if (!ImageReference.TryParse(image, out var reference))
            return new(null, Error: $"'{image}' is not an image name: write [REGISTRY/]NAME[:TAG]");
        var isKnown = Known.TryGetValue(reference.Name, out var entry);
        if (command.Count > 0 && !IsAgnhostBinary(command[0])) return new([.. command, .. args]);
        if (command.Count > 0) return Agnhost([.. command.Skip(1), .. args], program);
        if (!isKnown)
            return new(null, Error: $"image '{image}' is not in the lab's table, which pulls nothing: "
                + $"give the container a command, or use one of {string.Join(", ", KnownImages)}");
        return entry.Behaviour switch
        {
            Behaviour.HttpServer => Http(program, entry.Port),
            Behaviour.HttpEcho => HttpEcho(args, program, entry.Port),
            Behaviour.Agnhost => Agnhost(args, program),
            Behaviour.Curl => new(args.Count > 0 ? ["curl", .. args] : Sleep, BuiltIn: args.Count == 0),
            // A lab has many pods on few processors.
            Behaviour.Dns => new([.. program, "dns", "--threads", "1", .. args], GivesNotice: true, BuiltIn: true),
            Behaviour.Pause => new(Sleep, BuiltIn: true),
            _ => new(args.Count > 0 ? [.. args] : Sleep, BuiltIn: args.Count == 0),
        };
    }

    private static bool IsAgnhostBinary(string path) => path is "/agnhost" or "agnhost";

    private static ResolvedWorkload Http(IReadOnlyList<string> program, int port, params string[] more) =>
        new([.. program, "workload", "http", "--port", $"{port}", .. more], GivesNotice: true, BuiltIn: true);

    private static ResolvedWorkload HttpEcho(IReadOnlyList<string> args, IReadOnlyList<string> program,
        int port)
    {
        var listen = WorkloadArguments.Read(args, "listen")?.TrimStart(':');
        if (listen is not null
            && !WorkloadArguments.TryPort(listen[(listen.LastIndexOf(':') + 1)..], out port))
            return new(null, Error: $"http-echo: -listen={listen} is not :PORT");
        return WorkloadArguments.Read(args, "text") is { } text
            ? Http(program, port, "--text", text)
            : Http(program, port);
    }

    private static ResolvedWorkload Agnhost(IReadOnlyList<string> args, IReadOnlyList<string> program)
    {
        switch (args.Count == 0 ? "pause" : args[0])
        {
            case "pause":
                return new(Sleep, BuiltIn: true);
            case "netexec":
                var http = WorkloadArguments.Read(args, "http-port") ?? "8080";
                var udp = WorkloadArguments.Read(args, "udp-port") ?? "8081";
                if (!WorkloadArguments.TryPort(http, out var port)) return BadPort("http-port", http);
                if (udp != "-1" && !WorkloadArguments.TryPort(udp, out _)) return BadPort("udp-port", udp);
                string[] more = udp == "-1" ? [] : ["--udp-port", udp];
                if (WorkloadArguments.Read(args, "delay-shutdown") is { } delay)
                {
                    if (!WorkloadArguments.TrySeconds(delay, out _))
                        return new(null, Error: $"agnhost: --delay-shutdown={delay} is not a number of seconds");
                    more = [.. more, "--delay-shutdown", delay];
                }
                return Http(program, port, more);
            case "serve-hostname":
                var text = WorkloadArguments.Read(args, "port") ?? "9376";
                if (!WorkloadArguments.TryPort(text, out var serve)) return BadPort("port", text);
                if (args.Contains("--udp"))
                    return new([.. program, "workload", "udp-hostname", "--port", text], GivesNotice: true, BuiltIn: true);
                return args.Contains("--tcp")
                    ? new([.. program, "workload", "tcp-hostname", "--port", text], GivesNotice: true, BuiltIn: true)
                    : Http(program, serve);
            default:
                return new(null, Error:
                    $"agnhost '{args[0]}' is not one of the lab's: netexec, serve-hostname, pause");
        }
    }

    private static ResolvedWorkload BadPort(string option, string value) =>
        new(null, Error: $"agnhost: --{option}={value} is not a port (1..65535)");
}
