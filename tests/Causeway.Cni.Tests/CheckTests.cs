using Causeway.Core.Cluster;
using Causeway.Core.Wire.Cni;

namespace Causeway.Cni.Tests;

public sealed class CheckTests
{
    [Fact]
    public async Task What_add_made_passes_and_each_damage_is_named()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1 fd00::1").Start();
        var pod = node.AddPod();
        var device = EndpointDevice.NameOf("c1/eth0");
        var result = CniResultJson.Print(await node.AddAsync(pod), "1.1.0");
        var configuration = node.Configuration(more: $""","prevResult":{result}""");
        var good = await node.PluginAsync("CHECK", pod, configuration: configuration);
        Assert.True(good.Succeeded, good.Output);
        foreach (var (damage, where, named, heal) in (IEnumerable<(string, string, string, string)>)
        [
            ("ip addr del fd00::1/128 dev eth0", pod, "fd00::1", "ip addr add fd00::1/128 dev eth0 nodad"),
            ("ip route del default", pod, "169.254.1.1", "ip route add default via 169.254.1.1 dev eth0 onlink"),
            ("ip link set eth0 addr 02:00:00:00:00:99", pod, "MAC", $"ip link set eth0 addr {agent.Store.Find("c1/eth0")!.Mac}"),
            ($"ip route del 10.244.0.1", node.Namespace, "route", $"ip route add 10.244.0.1 dev {device}"),
            ($"ip link set {device} down", node.Namespace, "", $"ip link set {device} up; ip route add 10.244.0.1 dev {device}; ip -6 route add fd00::1 dev {device}"),
            ($"ip link del {device}", node.Namespace, "", "true"),
        ])
        {
            await node.ShellAsync(damage, where);
            var error = TestNode.Error(await node.PluginAsync("CHECK", pod, configuration: configuration));
            Assert.Equal(CniErrorCode.CheckFailed, error.Code);
            Assert.Contains(named, error.Details);
            await node.ShellAsync(heal, where);
        }
    }

    [Fact]
    public async Task It_needs_the_result_of_add_and_an_endpoint()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        var without = TestNode.Error(await node.PluginAsync("CHECK", pod));
        Assert.Contains("prevResult", without.Details);
        var unknown = TestNode.Error(await node.PluginAsync(
            "CHECK", pod, configuration: node.Configuration(more: ""","prevResult":{}""")));
        Assert.Equal(CniErrorCode.CheckFailed, unknown.Code);
        var old = TestNode.Error(await node.PluginAsync("CHECK", pod, configuration: node.Configuration("0.3.1")));
        Assert.Equal(CniErrorCode.IncompatibleVersion, old.Code);
    }

    [Fact]
    public async Task A_result_with_another_address_fails()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        var result = CniResultJson.Print(await node.AddAsync(pod), "1.1.0").Replace("10.244.0.1/32", "10.244.0.9/32");
        var error = TestNode.Error(await node.PluginAsync(
            "CHECK", pod, configuration: node.Configuration(more: $""","prevResult":{result}""")));
        Assert.Contains("10.244.0.1", error.Details);
    }
}
