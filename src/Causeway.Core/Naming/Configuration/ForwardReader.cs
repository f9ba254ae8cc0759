using System.Collections.Immutable;
using Causeway.Core.Naming.Resolving;
using Causeway.Core.Wire.Dns;

namespace Causeway.Core.Naming.Configuration;

internal static class ForwardReader
{
    private const int MostUpstreams = 15;
    private const ushort DnsPort = 53;
    private const ushort TlsPort = 853;

    public static ForwardSettings? Read(PluginReading line)
    {
        if (line.Arguments.Count < 2)
        {
            line.Complain("takes a zone and at least one server");
            return null;
        }
        var from = line.Zones(line.Arguments.Take(1));
        ForwardSettings read = new(
            line.At, from.Length > 0 ? from[0] : DnsName.Root, [], [], false, false, TimeSpan.FromSeconds(10), 2, [], null,
            UpstreamPolicy.Random, TimeSpan.FromMilliseconds(500), DnsName.Root, true, 0);
        line.Options(new()
        {
            ["except"] = option => read = read with { Except = option.Zones(option.Arguments) },
            ["force_tcp"] = _ => read = read with { ForceTcp = true },
            ["prefer_udp"] = _ => read = read with { PreferUdp = true },
            ["expire"] = option => read = read with { Expire = option.Duration(read.Expire) },
            ["max_fails"] = option => read = read with { MaxFails = option.Number(0, uint.MaxValue, read.MaxFails) },
            ["max_concurrent"] = option => read = read with { MaxConcurrent = option.Number(0, uint.MaxValue, 0) },
            ["tls"] = option => read = read with { Tls = [.. option.Arguments.Select(a => a.Text)] },
            ["tls_servername"] = option => read = read with { TlsServerName = option.One()?.Text },
            ["policy"] = option => read = read with
            {
                Policy = option.Word(
                    option.One(), UpstreamPolicy.Random, ("random", UpstreamPolicy.Random),
                    ("round_robin", UpstreamPolicy.RoundRobin), ("sequential", UpstreamPolicy.Sequential)),
            },
            ["health_check"] = option => read = Health(option, read),
        });
        var to = Upstreams(line);
        if (to.Count > MostUpstreams) line.Complain($"takes at most {MostUpstreams} servers, not {to.Count}");
        return read with
        {
            To = [.. to],
            Files = [.. line.Arguments.Skip(1).Select(a => a.Text).Where(IsFile)],
        };
    }

    private static ForwardSettings Health(PluginReading option, ForwardSettings read)
    {
        if (option.Arguments.Count == 0)
        {
            option.Complain("takes an interval");
            return read;
        }
        read = read with { HealthCheck = option.Duration(option.Arguments[0], read.HealthCheck) };
        for (var i = 1; i < option.Arguments.Count; i++)
        {
            if (option.Arguments[i].Text == "no_rec") read = read with { HealthRecursion = false };
            else if (option.Arguments[i].Text == "domain" && i + 1 < option.Arguments.Count)
                read = read with { HealthName = option.Name(option.Arguments[++i]) };
            else option.Complain(option.Arguments[i], $"'{option.Arguments[i]}' is neither no_rec nor domain");
        }
        return read;
    }

    private static List<Upstream> Upstreams(PluginReading line)
    {
        List<Upstream> to = [];
        foreach (var word in line.Arguments.Skip(1))
        {
            var isTls = word.Text.StartsWith("tls://", StringComparison.Ordinal);
            var text = isTls ? word.Text[6..] : word.Text.StartsWith("dns://", StringComparison.Ordinal) ? word.Text[6..] : word.Text;
            if (ConfigValues.Endpoint(text, isTls ? TlsPort : DnsPort) is var (address, port)) to.Add(new(address, port, isTls));
            else if (!IsFile(text))
                line.Complain(word, $"'{word}' is neither an address nor a file such as /etc/resolv.conf");
            else if (line.Environment.File(text) is not { } conf) line.Complain(word, $"the file {text} cannot be read");
            else to.AddRange(ResolvConf.Read(conf).Nameservers.Select(s => new Upstream(s.Address, DnsPort, false)));
        }
        return to;
    }

    private static bool IsFile(string word) => !word.Contains("://", StringComparison.Ordinal)
        && word.Contains('/', StringComparison.Ordinal);
}
