using System.Globalization;
using Causeway.Core.Addressing;

namespace Causeway.Core.Dataplane.Ipvs;

/// <summary>IPVS as <c>/proc/net/ip_vs</c>, <c>ipvsadm -Ln</c> and <c>ipvsadm -Sn</c> write it.</summary>
public static class IpvsText
{
    /// <summary>Any of the three. Throws <see cref="FormatException"/> with the line's number.</summary>
    public static IReadOnlyList<VirtualServer> Parse(string text)
    {
        List<VirtualServer> servers = [];
        var number = 0;
        foreach (var part in text.AsSpan().EnumerateLines())
        {
            number++;
            var words = part.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is [] or ["IP", ..] or ["Prot", ..] or ["->", "RemoteAddress:Port", ..]) continue;
            try
            {
                if (words[0] is "-A") servers.Add(Saved(words));
                else if (words is ["TCP" or "UDP" or "SCTP" or "FWM", ..]) servers.Add(Listed(words));
                else if (words is ["-a", ..]) AddTo(servers, SavedServer(words));
                else if (words is ["->", var end, var method, var weight, ..]) AddTo(servers, Server(end, method, weight));
                else throw new FormatException("neither a virtual nor a real server");
            }
            catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
            {
                throw new FormatException($"line {number} of IPVS: '{part}': {e.Message}", e);
            }
        }
        return servers;
    }

    private static void AddTo(List<VirtualServer> servers, RealServer real)
    {
        if (servers.Count == 0) throw new FormatException("a real server without a virtual one");
        servers[^1] = servers[^1] with { Servers = servers[^1].Servers.Add(real) };
    }

    // TCP  0A600001:01BB rr persistent 10800 FFFFFFFF
    private static VirtualServer Listed(string[] words)
    {
        var persistent = Array.IndexOf(words, "persistent");
        int? seconds = persistent < 0 ? null : int.Parse(words[persistent + 1], CultureInfo.InvariantCulture);
        if (words[0] == "FWM")
            return new() { Mark = Number(words[1]), Scheduler = words[2], Persistence = seconds };
        var (address, port) = End(words[1]);
        return new()
        {
            Address = address, Port = port, Protocol = Enum.Parse<TransportProtocol>(words[0], ignoreCase: true),
            Scheduler = words[2], Persistence = seconds,
        };
    }

    // -A -t 10.96.0.1:443 -s rr -p 10800
    private static VirtualServer Saved(string[] words)
    {
        var scheduler = After(words, "-s") ?? "wlc";
        int? seconds = Array.IndexOf(words, "-p") < 0 ? null
            : int.Parse(After(words, "-p")!, CultureInfo.InvariantCulture);
        if (After(words, "-f") is { } mark)
            return new() { Mark = uint.Parse(mark, CultureInfo.InvariantCulture), Scheduler = scheduler, Persistence = seconds };
        var (address, port) = End(words[2]);
        return new()
        {
            Address = address, Port = port, Scheduler = scheduler, Persistence = seconds,
            Protocol = words[1] switch
            {
                "-t" => TransportProtocol.Tcp,
                "-u" => TransportProtocol.Udp,
                "--sctp-service" => TransportProtocol.Sctp,
                _ => throw new FormatException($"'{words[1]}' is no kind of service"),
            },
        };
    }

    // -a -t 10.96.0.1:443 -r 192.168.7.1:6443 -m -w 1
    private static RealServer SavedServer(string[] words)
    {
        var method = words.Contains("-m") ? "Masq" : words.Contains("-i") ? "Tunnel" : "Route";
        return Server(After(words, "-r") ?? throw new FormatException("no -r"), method, After(words, "-w") ?? "1");
    }

    private static RealServer Server(string end, string method, string weight)
    {
        var (address, port) = End(end);
        return new(address, port, method, int.Parse(weight, CultureInfo.InvariantCulture));
    }

    private static string? After(string[] words, string option)
    {
        var at = Array.IndexOf(words, option);
        return at < 0 || at + 1 >= words.Length ? null : words[at + 1];
    }

    // 0A600001:01BB, 10.96.0.1:443, [fd00::1]:443, [fd00:0000:...:0001]:01BB: the kernel's file is in hexadecimal.
    private static (IpAddress Address, ushort Port) End(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0) throw new FormatException($"'{text}' has no port");
        var (head, port) = (text[..colon], text[(colon + 1)..]);
        var raw = head.Length == 8 && !head.Contains('.') && !head.Contains(':');
        var full = head.StartsWith('[') && head.Length == 41;
        var number = ushort.Parse(port, raw || full ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture);
        if (!raw) return (IpAddress.Parse(full ? Short(head) : head.Trim('[', ']')), number);
        var value = Number(head);
        return (IpAddress.Parse($"{value >> 24}.{(value >> 16) & 255}.{(value >> 8) & 255}.{value & 255}"), number);
    }

    private static string Short(string head) => string.Join(':', head.Trim('[', ']').Split(':')
        .Select(g => ushort.Parse(g, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString("x", CultureInfo.InvariantCulture)));

    private static uint Number(string hex) => uint.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
