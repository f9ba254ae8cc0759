namespace Causeway.Tests.Lab;

/// <summary>The scene that the program is for: something breaks on one node, and the trace names it.</summary>
[Collection("lab")]
public sealed class FaultSceneTests
{
    /// <param name="Script">What breaks it, on the node. BLOCK is the far block, DEVICE the pod's host device,
    /// MAC the far VXLAN device's address.</param>
    /// <param name="Names">What the cause's message must name.</param>
    private sealed record Fault(string Node, string Script, string Code, string Names);

    private static readonly Fault[] Faults =
    [
        new("n1", "ip route del BLOCK", "route-missing", "BLOCK"),
        new("n2", "ip route del BLOCK", "route-missing", "BLOCK"),
        new("n1", "ip link set DEVICE down", "device-down", "DEVICE"),
        new("n2", "ip link set DEVICE down", "device-down", "DEVICE"),
        new("n1", "ip link set cwvxlan down", "device-down", "cwvxlan"),
        new("n2", "ip link set cwvxlan down", "device-down", "cwvxlan"),
        new("n1", "bridge fdb del MAC dev cwvxlan", "fdb-missing", "MAC"),
        new("n2", "bridge fdb del MAC dev cwvxlan", "fdb-missing", "MAC"),
        new("n1", "sysctl -qw net.ipv4.ip_forward=0", "forwarding-off", "DEVICE"),
        new("n2", "sysctl -qw net.ipv4.ip_forward=0", "forwarding-off", "cwvxlan"),
    ];

    [Fact]
    public async Task Trace_names_each_fault_on_its_node_and_the_agent_repairs_it()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--no-dns", "--nodes", "3");
        var scene = new LabScene(lab);
        await scene.RunPods();
        await scene.Ping();
        Assert.Equal(0, (await scene.Trace()).ExitCode);
        foreach (var fault in Faults)
        {
            await scene.SignalAgent(fault.Node, "STOP");
            var facts = await Facts(scene, fault.Node);
            await scene.OnNode(fault.Node, Fill(fault.Script, facts));
            await AssertNamed(scene, fault, Fill(fault.Names, facts));
            await scene.SignalAgent(fault.Node, "CONT");
            await scene.ReachableAgain(fault.ToString());
            await scene.Ping();
        }
    }

    private static async Task AssertNamed(LabScene scene, Fault fault, string name)
    {
        var (code, report) = await scene.Trace();
        var shown = $"{fault}: {report["verdict"]}, {report["cause"]?.ToJsonString()}";
        Assert.True(code == 1 && (string?)report["verdict"] == "unreachable", shown);
        var cause = report["cause"]!;
        Assert.True((string?)cause["code"] == fault.Code, shown);
        Assert.True((string?)cause["node"] == fault.Node, shown);
        Assert.True(cause["message"]!.ToString().Contains(name, StringComparison.Ordinal), shown);
        // The kernel agrees: nothing arrives.
        Assert.False((await scene.TryPing()).Succeeded, shown);
    }

    private static async Task<(string Block, string Device, string Mac)> Facts(LabScene scene, string node)
    {
        var far = node == "n1" ? "n2" : "n1";
        var routes = await scene.OnNode(node, "ip -o route show proto 202 dev cwvxlan");
        var tunnel = (await scene.OnNode(far, "ip -4 -o addr show dev cwvxlan")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        var block = routes.Split('\n').Select(l => l.Split(' ')).Single(w => w.Contains(tunnel.Split('/')[0]))[0];
        var pod = await scene.OnNode(node, "ip -o route show proto 202 scope link");
        var device = pod.Split(' ', StringSplitOptions.RemoveEmptyEntries).First(w => w.StartsWith("cwp", StringComparison.Ordinal));
        var mac = (await scene.OnNode(far, "cat /sys/class/net/cwvxlan/address")).Trim();
        return (block, device, mac);
    }

    private static string Fill(string text, (string Block, string Device, string Mac) facts) => text
        .Replace("BLOCK", facts.Block, StringComparison.Ordinal)
        .Replace("DEVICE", facts.Device, StringComparison.Ordinal)
        .Replace("MAC", facts.Mac, StringComparison.Ordinal);
}
