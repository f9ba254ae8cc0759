using System.Text;
using Causeway.Core.Addressing;
using Causeway.Lab.Capsule;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Fabric;

/// <summary>Makes the fabric in the kernel.</summary>
public static class FabricBuilder
{
    public static void Build(FabricLayout layout)
    {
        string[] names = [FabricLayout.RouterNamespace, FabricLayout.OutsideNamespace, .. layout.Nodes.Select(n => n.Name)];
        foreach (var name in names) NetworkNamespace.Create($"{NetworkNamespace.Directory}/{name}");
        var root = new StringBuilder("link set lo up\n");
        for (var s = 0; s < layout.Segments; s++)
        {
            root.Append($"link add fabric{s} type bridge\nlink set fabric{s} up\n");
            root.Append($"link add router{s} type veth peer name eth{s} netns router\nlink set router{s} master fabric{s} up\n");
        }
        foreach (var a in layout.Api) root.Append($"addr add {a} dev fabric0 nodad\n");
        root.Append("link add outside0 netns router type veth peer name eth0 netns outside\n");
        foreach (var n in layout.Nodes)
            root.Append($"link add {n.Name} type veth peer name eth0 netns {n.Name}\nlink set {n.Name} master fabric{n.Segment} up\n");
        foreach (var a in layout.Router(0)) root.Append($"{Fam(a)} route add default via {a.Address}\n");
        Batch(null, root.ToString());
        var router = new StringBuilder("link set lo up\n");
        for (var s = 0; s < layout.Segments; s++)
        {
            router.Append($"link set eth{s} up\n");
            foreach (var a in layout.Router(s)) router.Append($"addr add {a} dev eth{s} nodad\n");
        }
        router.Append("link set outside0 up\n");
        foreach (var a in layout.RouterOutside) router.Append($"addr add {a} dev outside0 nodad\n");
        Batch("router", router.ToString());
        NetworkNamespace.Run("/run/netns/router", () =>
        {
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        });
        var outside = new StringBuilder("link set lo up\nlink set eth0 up\n");
        foreach (var a in layout.Outside) outside.Append($"addr add {a} dev eth0 nodad\n");
        foreach (var n in layout.Networks())
            outside.Append($"route add {n} via {layout.RouterOutside.First(a => a.Address.Family == n.Family).Address}\n");
        Batch("outside", outside.ToString());
        foreach (var n in layout.Nodes)
        {
            var text = new StringBuilder("link set lo up\nlink set eth0 up\n");
            foreach (var a in n.Addresses) text.Append($"addr add {a} dev eth0 nodad\n");
            foreach (var a in layout.Router(n.Segment)) text.Append($"{Fam(a)} route add default via {a.Address}\n");
            Batch(n.Name, text.ToString());
        }
    }

    private static string Fam(InterfaceAddress a) => a.Address.Family == IpFamily.V4 ? "-4" : "-6";

    private static void Batch(string? ns, string text)
    {
        var ip = HostTool.Find("ip", "iproute2");
        string[] args = ns is null ? [ip, "-batch", "-"] : [ip, "-n", ns, "-batch", "-"];
        text = string.Join('\n', text.Split('\n').Select(l => l.StartsWith('-') ? l[3..] : l));
        var result = ProcessSpawner.Run(args, text, TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();
        if (!result.Succeeded) throw new InvalidOperationException(ns + ": " + result.Error + text);
    }
}
