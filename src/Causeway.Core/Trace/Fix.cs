using Causeway.Core.Dataplane;

namespace Causeway.Core.Trace;

/// <summary>What to do about a fault, as commands for the namespace it is in.</summary>
internal static class Fix
{
    /// <summary>For what only the agent should write.</summary>
    public const string Agent = "the node's agent puts it back by itself: see whether it runs";

    private const string ByAgent = Agent + "; by hand: ";

    /// <summary>Puts back an entry of the plan.</summary>
    public static string Restore(Host host, Entry planned)
    {
        var command = Command(planned);
        return host.Kind == HostKind.Pod ? InPod(command) : ByAgent + command;
    }

    public static string InPod(string command) => $"in the pod's network namespace: {command}; or delete the pod";

    public static string Here(Host host, string command) => host.Kind == HostKind.Pod ? InPod(command) : command;

    public static string Up(Host host, string device) => Here(host, $"ip link set {device} up");

    public static string Set(string path, string value) => $"sysctl -w {path.Replace('/', '.')}={value}";

    private static string Command(Entry entry) => entry switch
    {
        Route route => $"ip {Family(route.Destination.Family)}route replace {DataplaneText.Print(route)}",
        Neighbour { Proxy: true } n => $"ip neigh add proxy {n.Address} dev {n.Device}",
        Neighbour n => $"ip neigh replace {n.Address} lladdr {n.Mac} dev {n.Device} nud permanent",
        FdbEntry f => $"bridge fdb replace {f.Mac} dev {f.Device} dst {f.Destination} self permanent",
        LinkAddress a => $"ip address add {a.Address} dev {a.Device}",
        Link { Up: true } link => $"ip link set {link.Name} up",
        Sysctl sysctl => Set(sysctl.Path, sysctl.Value),
        _ => DataplaneText.Print(entry),
    };

    private static string Family(Addressing.IpFamily family) => family == Addressing.IpFamily.V6 ? "-6 " : "";
}
