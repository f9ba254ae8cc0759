using System.CommandLine;
using Causeway.Cli;
using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;
using Causeway.Dns.Names;
using Causeway.Dns.Serving;
using Microsoft.Extensions.Logging.Abstractions;

namespace Causeway.Dns;

/// <summary><c>causeway dns check FILE</c>: whether a configuration can be used, and what it says.</summary>
internal static class DnsCheckCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "A Corefile, or FILE.yaml." };
        var command = new Command("check", "Reads a configuration and tells what the server would do, or every error.") { file };
        command.SetAction(parsed =>
        {
            var configuration = new ConfigurationFile(parsed.GetValue(file)).Read();
            // The files that it names are opened as the server would open them.
            using var opened = Generation.Of(configuration, Context());
            foreach (var server in configuration.Servers) Print(server);
            return ExitCode.Good;
        });
        return command;
    }

    /// <summary>A cluster of which nothing is known.</summary>
    private static ServerContext Context()
    {
        DnsLog silent = new(NullLogger.Instance);
        return new(Names, [], new(_ => { }), silent, TimeProvider.System);
    }

    private static KnownNames Names(NamesScope scope, KubernetesSettings settings)
    {
        if (settings.Kubeconfig is { } kubeconfig)
            ServerProgram.Access(kubeconfig, settings.Context, where: $"{settings.At}: ");
        return new(new(), () => false);
    }

    private static void Print(ServerBlock server)
    {
        Console.WriteLine(string.Join(
            ' ', server.Keys.Select(k => $"{(k.Transport == DnsTransport.Tls ? "tls://" : "")}{k.Zone}:{k.Port}")));
        foreach (var plugin in server.Plugins) Console.WriteLine($"  {Describe(plugin)}");
    }

    private static string Describe(PluginSettings plugin) => plugin switch
    {
        KubernetesSettings k => $"kubernetes  {string.Join(' ', k.Zones)}, pods {k.Pods.ToString().ToLowerInvariant()}, ttl {k.Ttl}",
        ForwardSettings f => $"forward     {f.From} to {(f.To.IsEmpty ? "nobody" : string.Join(' ', f.To))}",
        CacheSettings c => $"cache       at most {c.Success.LongestTtl} s, absences {c.Denial.LongestTtl} s",
        HealthSettings h => $"health      http://{h.Address}/health, lame duck {h.LameDuck.TotalSeconds:0.###} s",
        ReadySettings r => $"ready       http://{r.Address}/ready",
        PrometheusSettings p => $"prometheus  http://{p.Address}/metrics",
        ReloadSettings r => $"reload      every {r.Interval.TotalSeconds:0.###} s",
        HostsSettings h => $"hosts       {h.File} {h.Lines.Length} lines",
        TlsSettings t => $"tls         {t.Certificate}{(t.Clients == ClientCertificates.None ? "" : $", clients: {t.Clients}")}",
        AutopathSettings a => $"autopath    by {a.ResolvConf ?? "each pod's own search path"}",
        BindSettings b => $"bind        {string.Join(' ', b.Addresses)}",
        IgnoredSettings i => $"{i.Name,-11} (without effect here)",
        _ => plugin.GetType().Name.Replace("Settings", "", StringComparison.Ordinal).ToLowerInvariant(),
    };
}
