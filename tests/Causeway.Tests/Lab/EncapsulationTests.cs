namespace Causeway.Tests.Lab;

/// <summary>What stands in a node's routing table, and what a wiretap on the fabric sees.</summary>
[Collection("lab")]
public sealed class EncapsulationTests
{
    [Theory]
    [InlineData("vxlan", "flat", "cwvxlan", "udp port 4789", @"VXLAN.*vni 202")]
    [InlineData("none", "flat", "eth0", "icmp", "")]
    [InlineData("crosssubnet", "flat", "eth0", "icmp", "")]
    [InlineData("crosssubnet", "routed", "cwvxlan", "udp port 4789", @"VXLAN.*vni 202")]
    public async Task Packets_travel_as_asked(string encapsulation, string topology, string device, string filter, string outer)
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--no-dns", "--nodes", "2", "--encap", encapsulation, "--topology", topology);
        var scene = new LabScene(lab);
        await scene.RunPods();
        // Without a tunnel a node may have got its block with its pod alone: the other one hears of it after that.
        foreach (var node in (string[])["n1", "n2"])
            await LabHarness.Eventually($"{node} knows the way to the other's block", async () =>
                (await scene.OnNode(node, "ip route")).Contains($" dev {device} proto 202", StringComparison.Ordinal));
        var routes = await scene.OnNode("n1", "ip route");
        Assert.Matches(@"(?m)^blackhole 10\.244\.\d+\.\d+/26 proto 202", routes);
        Assert.Matches(@"(?m)^10\.244\.\d+\.\d+ dev cwp\w+ proto 202 scope link", routes);
        var via = device == "eth0" ? @"172\.30\.0\.12" : @"10\.244\.\d+\.\d+";
        Assert.Matches($@"(?m)^10\.244\.\d+\.\d+/26 via {via} dev {device} proto 202", routes);

        var dump = scene.OnNode("n2", $"timeout 60 tcpdump -nn -v -c 1 -i eth0 '{filter}' 2>/dev/null");
        while (!dump.IsCompleted) await scene.Ping();
        var seen = await dump;
        Assert.Contains(scene.Target, seen, StringComparison.Ordinal);
        Assert.Contains("ICMP echo", seen, StringComparison.Ordinal);
        Assert.Matches($"(?s){outer}", seen);
        Assert.Equal(0, (await scene.Trace()).ExitCode);
    }

    /// <summary>A pool of one block has 64 addresses, of which the node's tunnel has one.</summary>
    [Fact]
    public async Task A_pod_for_which_no_address_is_left_says_so_and_runs_when_another_goes()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--no-dns", "--nodes", "1", "--pool", "10.9.0.0/26");
        await lab.Kubectl("default", "create", "deployment", "many", "--image=busybox", "--replicas=63");
        await lab.Kubectl("default", "rollout", "status", "deployment/many", "--timeout=80s");
        await lab.Kubectl("default", "run", "late", "--image=busybox");
        await LabHarness.Eventually("an event says that the pool is exhausted", async () =>
            (await lab.Kubectl("default", "get", "events", "--field-selector", "involvedObject.name=late"))
                .Contains("FailedAddressAssignment", StringComparison.Ordinal));
        Assert.Equal("Pending", await lab.Kubectl("default", "get", "pod", "late", "-o", "jsonpath={.status.phase}"));
        await lab.Good("ipam", "check");
        await lab.Kubectl("default", "scale", "deployment/many", "--replicas=62");
        await lab.Kubectl("default", "wait", "--for=condition=Ready", "pod/late", "--timeout=80s");
        await lab.Good("ipam", "check");
    }
}
