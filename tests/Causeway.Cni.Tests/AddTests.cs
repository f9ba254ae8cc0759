using System.Text.Json;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.Cni;

namespace Causeway.Cni.Tests;

public sealed class AddTests
{
    private const string V4 = "10.244.0.1", Dual = "10.244.0.1 fd00::1";

    [Fact]
    public async Task A_pod_is_connected_when_add_returns()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, Dual).Start();
        var pod = node.AddPod();

        var result = await node.AddAsync(pod);

        Assert.Equal(["10.244.0.1/32", "fd00::1/128"], result.Ips.Select(ip => ip.Address.ToString()));
        Assert.Equal(["169.254.1.1", "fe80::1"], result.Ips.Select(ip => ip.Gateway.ToString()!));
        var device = EndpointDevice.NameOf("c1/eth0");
        Assert.Equal([device, "eth0"], result.Interfaces.Select(i => i.Name));
        Assert.Equal(pod, result.Interfaces[1].Sandbox);
        await node.ShellAsync("ping -c1 -W60 10.244.0.1 && ping -c1 -W60 fd00::1");
        await node.ShellAsync("ping -c1 -W60 192.0.2.1 && ping -c1 -W60 2001:db8::1 && ping -c1 -W60 127.0.0.1", pod);
        var link = JsonElement.Parse(await node.ShellAsync("ip -j -d link show eth0", pod))[0];
        Assert.Equal(1450, link.GetProperty("mtu").GetInt32());
        Assert.Equal(result.Interfaces[1].Mac, link.GetProperty("address").GetString());
        Assert.Contains("mtu 1450", await node.ShellAsync($"ip link show {device}"));
        Assert.Contains("default via 169.254.1.1 dev eth0", await node.ShellAsync("ip route", pod));
        Assert.DoesNotContain("tentative", await node.ShellAsync("ip -6 addr show dev eth0 scope global", pod));
        var record = agent.Store.Find("c1/eth0")!;
        Assert.Equal(("ns", "c1", "u-c1", pod, device), (record.Namespace, record.Pod, record.PodUid, record.Netns, record.HostDevice));
        Assert.Equal(["10.244.0.1", "fd00::1"], record.Addresses);
    }

    [Fact]
    public async Task Two_pods_reach_each_other_without_anyones_help()
    {
        await using var node = await TestNode.CreateAsync();
        var agent = new TestAgent(node.RunDirectory, node.Namespace, Dual, "10.244.0.2 fd00::2").Start();
        var (one, two) = (node.AddPod("one"), node.AddPod("two"));
        await node.AddAsync(one);
        await node.AddAsync(two, "c2");
        await node.ShellAsync("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");

        await agent.DisposeAsync();

        await node.ShellAsync("ping -c1 -W60 10.244.0.2 && ping -c1 -W60 fd00::2", one);
        // What the permanent neighbour entry is for: the host end loses its IPv6 addresses with its state.
        var device = EndpointDevice.NameOf("c1/eth0");
        await node.ShellAsync($"ip link set {device} down && ip link set {device} up"
            + $" && ip route add 10.244.0.1 dev {device} && ip -6 route add fd00::1 dev {device}");
        await node.ShellAsync("ping -c1 -W60 10.244.0.2 && ping -c1 -W60 fd00::2", one);
        // And what the host end answers for, when the pod forgets.
        await node.ShellAsync("ip neigh del fe80::1 dev eth0 && ping -c1 -W60 fd00::1", two);
    }

    [Theory]
    [InlineData("0.3.0")]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    public async Task The_result_is_in_the_version_that_was_asked_for(string version)
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var run = await node.PluginAsync("ADD", node.AddPod(), configuration: node.Configuration(version));
        var json = JsonElement.Parse(run.Output);
        Assert.Equal(version, json.GetProperty("cniVersion").GetString());
        Assert.Equal(version != "1.0.0", json.GetProperty("ips")[0].TryGetProperty("version", out _));
    }

    [Fact]
    public async Task Add_again_keeps_what_is_whole()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var pod = node.AddPod();
        var first = await node.AddAsync(pod);
        var index = await node.ShellAsync("ip -o link show eth0", pod);
        var second = await node.AddAsync(pod);
        Assert.Equal(CniResultJson.Print(first, "1.1.0"), CniResultJson.Print(second, "1.1.0"));
        Assert.Equal(index, await node.ShellAsync("ip -o link show eth0", pod));
        Assert.Single(await node.PodDevicesAsync());
    }

    [Fact]
    public async Task Add_again_rebuilds_what_is_broken()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var pod = node.AddPod();
        await node.AddAsync(pod);
        await node.ShellAsync("ip addr del 10.244.0.1/32 dev eth0", pod);
        await node.AddAsync(pod);
        await node.ShellAsync("ping -c1 -W60 10.244.0.1");
        Assert.Single(await node.PodDevicesAsync());
    }

    [Fact]
    public async Task An_add_finds_the_leavings_of_one_that_was_cut_short()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var pod = node.AddPod();
        var netns = Path.GetFileName(pod);
        await node.ShellAsync($"ip link add {EndpointDevice.NameOf("c1/eth0")} type veth peer name eth0 netns {netns}");
        await node.AddAsync(pod);
        await node.ShellAsync("ping -c1 -W60 10.244.0.1");
    }

    [Fact]
    public async Task An_old_interface_of_ours_in_the_same_namespace_makes_room()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4, "10.244.0.2").Start();
        var pod = node.AddPod();
        await node.AddAsync(pod, "old");
        var hold = agent.HoldNext("delete");
        Assert.True((await node.PluginAsync("DEL", pod, "old")).Succeeded);
        await node.AddAsync(pod, "new");
        hold.Release();
        await node.ShellAsync("ping -c1 -W60 10.244.0.2");
    }

    [Fact]
    public async Task Somebody_elses_interface_is_left_alone()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var pod = node.AddPod();
        await node.ShellAsync("ip link add eth0 type veth peer name other", pod);
        var error = TestNode.Error(await node.PluginAsync("ADD", pod));
        Assert.Equal(CniErrorCode.Kernel, error.Code);
        Assert.Contains("eth0", error.Details);
        await node.ShellAsync("ip link show eth0", pod);
        await TestNode.UntilAsync(() => Task.FromResult(agent.Taken.IsEmpty), "the address is released");
        Assert.Empty(await node.PodDevicesAsync());
    }

    [Fact]
    public async Task Requested_addresses_and_mac_are_used()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var result = await node.AddAsync(node.AddPod(), configuration: node.Configuration(more:
            ""","runtimeConfig":{"ips":["10.244.7.7/24"],"mac":"02:11:22:33:44:55"}"""));
        Assert.Equal("10.244.7.7/32", result.Ips.Single().Address.ToString());
        Assert.Equal("02:11:22:33:44:55", result.Interfaces[1].Mac);
    }

    [Fact]
    public async Task An_exhausted_pool_is_an_error_and_an_event_until_a_pod_goes()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var (one, two) = (node.AddPod("one"), node.AddPod("two"));
        await node.AddAsync(one);
        var error = TestNode.Error(await node.PluginAsync("ADD", two, "c2"));
        Assert.Equal(CniErrorCode.NoAddress, error.Code);
        Assert.Contains("10.244.0.0/30", error.Details);
        Assert.Contains("10.244.0.0/30", Assert.Single(agent.Events));
        Assert.StartsWith("ns/c2: ", agent.Events.Single());
        Assert.True((await node.PluginAsync("DEL", one)).Succeeded);
        await node.AddAsync(two, "c2");
    }

    [Fact]
    public async Task IPv6_comes_on_in_a_pod_where_it_was_off()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "fd00::1").Start();
        var pod = node.AddPod();
        await node.ShellAsync("sysctl -qw net.ipv6.conf.default.disable_ipv6=1", pod);
        await node.AddAsync(pod);
        await node.ShellAsync("ping -c1 -W60 fd00::1");
    }

    [Theory]
    [InlineData("/run/netns/cw-not-there", "cw-not-there")]
    [InlineData("/proc/self/ns/net", "the node itself")]
    [InlineData("/etc/hostname", "'/etc/hostname' is no network namespace")]
    [InlineData("/proc/self/ns/mnt", "'/proc/self/ns/mnt' is no network namespace")]
    public async Task A_wrong_namespace_is_named_and_asks_for_no_address(string netns, string named)
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, V4).Start();
        var error = TestNode.Error(await node.PluginAsync("ADD", netns));
        Assert.Contains(named, error.Details);
        Assert.Single(agent.Free);
    }
}
