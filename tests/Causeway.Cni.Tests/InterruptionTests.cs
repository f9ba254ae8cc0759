using System.Net.Sockets;
using System.Text;
using Causeway.Core;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.AgentProtocol;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Processes;

namespace Causeway.Cni.Tests;

/// <summary>Whoever dies, and whenever, no address and no device is left.</summary>
public sealed class InterruptionTests
{
    [Theory]
    [InlineData("assign", Signal.Kill)]
    [InlineData("assign", Signal.Terminate)]
    [InlineData("install", Signal.Kill)]
    [InlineData("install", Signal.Terminate)]
    public async Task A_plugin_that_is_killed_leaves_nothing(string step, Signal signal)
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        var hold = agent.HoldNext(step);
        var plugin = node.Spawn(pod);
        await hold.Reached;
        // The pair is made while addresses are assigned.
        await TestNode.UntilAsync(async () => (await node.PodDevicesAsync()).Length == 1, "the device is there");

        plugin.Kill(signal);
        await plugin.Exited;

        await TestNode.UntilAsync(() => Task.FromResult(agent.Taken.IsEmpty), "the address is released");
        await TestNode.UntilAsync(async () => (await node.PodDevicesAsync()).Length == 0, "the device is gone");
        Assert.Empty(agent.Store.All);
        await node.AddAsync(pod);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_agent_that_dies_in_the_middle_is_try_again_later_and_no_device(int step)
    {
        await using var node = await TestNode.CreateAsync();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(node.Socket));
        listener.Listen();
        var pod = node.AddPod();
        var device = EndpointDevice.NameOf(EndpointDevice.HandleOf("c1", "eth0"));
        var add = node.PluginAsync("ADD", pod);
        using (var agent = await listener.AcceptAsync())
        {
            var buffer = new byte[4096];
            if (step > 0) await agent.ReceiveAsync(buffer);
            if (step > 1)
            {
                var assignment = new EndpointAssignment(
                    [new(IpAddress.Parse("10.244.0.1"), EndpointAssignment.GatewayV4)], 1450, device,
                    EndpointAssignment.GatewayMac, MacAddress.Parse("02:00:00:00:00:01"));
                var line = new AgentReply(null, assignment).Print() + "\n";
                await agent.SendAsync(Encoding.UTF8.GetBytes(line));
            }
            if (step > 2)
            {
                await agent.ReceiveAsync(buffer);
                Assert.Equal([device], await node.PodDevicesAsync());
            }
        }
        var error = TestNode.Error(await add);
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        Assert.Contains(node.Socket, error.Details);
        Assert.Empty(await node.PodDevicesAsync());
        Assert.False((await node.TryShellAsync("ip link show eth0", pod)).Succeeded);
    }

    [Fact]
    public async Task An_agent_that_stops_rolls_back_what_is_not_committed()
    {
        await using var node = await TestNode.CreateAsync();
        var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var hold = agent.HoldNext("install");
        var add = node.PluginAsync("ADD", node.AddPod());
        await hold.Reached;
        await agent.DisposeAsync();
        Assert.Equal(CniErrorCode.TryAgainLater, TestNode.Error(await add).Code);
        Assert.Empty(agent.Taken);
        Assert.Empty(agent.Store.All);
        Assert.Empty(await node.PodDevicesAsync());
    }

    [Fact]
    public async Task The_first_refusal_is_told_though_others_come_with_it()
    {
        await using var node = await TestNode.CreateAsync();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(node.Socket));
        listener.Listen();
        var add = node.PluginAsync("ADD", node.AddPod());
        using var agent = await listener.AcceptAsync();
        await agent.ReceiveAsync(new byte[4096]);
        var refusals = new[] { CniErrorCode.Cancelled, CniErrorCode.Decode }
            .Select(code => new AgentReply(new CniError(code, "refused", "")).Print() + "\n");
        await agent.SendAsync(Encoding.UTF8.GetBytes(string.Concat(refusals)));
        Assert.Equal(CniErrorCode.Cancelled, TestNode.Error(await add).Code);
    }

    [Fact]
    public async Task The_pods_end_is_set_up_while_the_agent_installs_the_route()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        var hold = agent.HoldNext("install");
        var add = node.PluginAsync("ADD", pod);
        await hold.Reached;
        await TestNode.UntilAsync(
            async () => (await node.TryShellAsync("ip route | grep -q default", pod)).Succeeded,
            "the pod has its default route");
        Assert.Empty(agent.Store.All);
        Assert.False(add.IsCompleted);
        hold.Release();
        Assert.True((await add).Succeeded);
        Assert.Single(agent.Store.All);
    }

    [Fact]
    public async Task A_plugin_that_only_commits_has_the_route_installed_too()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var handle = EndpointDevice.HandleOf("c1", "eth0");
        var device = EndpointDevice.NameOf(handle);
        await node.ShellAsync($"ip link add {device} type veth peer name x && ip link set {device} up");
        using var plugin = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await plugin.ConnectAsync(new UnixDomainSocketEndPoint(node.Socket));
        Assert.Contains("10.244.0.1", await AskAsync(plugin, """{"op":"add","containerId":"c1","ifName":"eth0"}"""));
        Assert.Contains("\"ok\":true", await AskAsync(plugin, """{"op":"commit"}"""));
        Assert.Contains(device, await node.ShellAsync("ip route show 10.244.0.1"));
    }

    [Fact]
    public async Task Without_an_agent_add_says_try_again_later_and_names_the_socket()
    {
        await using var node = await TestNode.CreateAsync();
        var error = TestNode.Error(await node.PluginAsync("ADD", node.AddPod()));
        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        Assert.Contains(node.Socket, error.Details);
        Assert.Contains("No such file", error.Details);
    }

    [Fact]
    public async Task Two_adds_at_once_with_one_id_make_one_interface()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1", "10.244.0.2").Start();
        var pod = node.AddPod();
        var results = await Task.WhenAll(node.AddAsync(pod), node.AddAsync(pod));
        Assert.Equal(CniResultJson.Print(results[0], "1.1.0"), CniResultJson.Print(results[1], "1.1.0"));
        Assert.Single(agent.Taken);
        Assert.Single(await node.PodDevicesAsync());
        await node.ShellAsync("ping -c1 -W60 10.244.0.1");
    }

    [Fact]
    public async Task A_release_that_fails_is_told_and_works_the_next_time()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        await node.AddAsync(pod);
        agent.FailNextRelease = true;
        Assert.Equal(CniErrorCode.TryAgainLater, TestNode.Error(await node.PluginAsync("DEL", pod)).Code);
        Assert.Single(agent.Store.All);
        Assert.True((await node.PluginAsync("DEL", pod)).Succeeded);
        Assert.Empty(agent.Store.All);
        Assert.Empty(agent.Taken);
    }

    [Fact]
    public async Task A_second_agent_is_refused_and_a_dead_ones_socket_is_taken_over()
    {
        await using var node = await TestNode.CreateAsync();
        var agent = new TestAgent(node.RunDirectory, node.Namespace).Start();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(node.Socket));
        var refused = Assert.Throws<InputException>(() => new TestAgent(node.RunDirectory, node.Namespace));
        Assert.Contains(node.Socket, refused.Message);
        await agent.DisposeAsync();
        Assert.False(File.Exists(node.Socket));
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(node.Socket + "x"));
            File.Move(node.Socket + "x", node.Socket);
        }
        await using var next = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        await node.AddAsync(node.AddPod());
    }

    private static async Task<string> AskAsync(Socket socket, string line)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(line + "\n"));
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
    }
}
