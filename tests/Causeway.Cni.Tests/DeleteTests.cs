using Causeway.Core.Wire.Cni;
using Causeway.Linux.Namespaces;

namespace Causeway.Cni.Tests;

public sealed class DeleteTests
{
    [Fact]
    public async Task Nothing_is_left_of_a_deleted_pod()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1 fd00::1").Start();
        var pod = node.AddPod();
        await node.AddAsync(pod);
        var run = await node.PluginAsync("DEL", pod);
        Assert.Equal((0, ""), (run.ExitCode, run.Output));
        Assert.Empty(agent.Taken);
        Assert.Empty(agent.Store.All);
        Assert.Empty(Directory.GetFiles(node.RunDirectory + "/endpoints"));
        Assert.DoesNotContain("10.244.0.1", await node.ShellAsync("ip route"));
        Assert.DoesNotContain("fd00::1", await node.ShellAsync("ip -6 route"));
        await TestNode.UntilAsync(async () => (await node.PodDevicesAsync()).Length == 0, "the device is deleted");
        Assert.False((await node.TryShellAsync("ip link show eth0", pod)).Succeeded);
    }

    [Fact]
    public async Task Delete_before_add_twice_and_without_a_namespace_is_no_error()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        Assert.True((await node.PluginAsync("DEL", pod)).Succeeded);
        await node.AddAsync(pod);
        NetworkNamespace.Delete(pod);
        Assert.True((await node.PluginAsync("DEL", pod)).Succeeded);
        Assert.True((await node.PluginAsync("DEL")).Succeeded);
        Assert.Single(agent.Free);
    }

    [Fact]
    public async Task Without_an_agent_the_interface_goes_and_the_runtime_must_call_again()
    {
        await using var node = await TestNode.CreateAsync();
        var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        await node.AddAsync(pod);
        await agent.DisposeAsync();

        var error = TestNode.Error(await node.PluginAsync("DEL", pod));

        Assert.Equal(CniErrorCode.TryAgainLater, error.Code);
        Assert.Contains(node.Socket, error.Details);
        Assert.Empty(await node.PodDevicesAsync());
        Assert.False((await node.TryShellAsync("ip link show eth0", pod)).Succeeded);
        await using var next = new TestAgent(node.RunDirectory, node.Namespace).Start();
        Assert.NotNull(next.Store.Find("c1/eth0"));
        Assert.True((await node.PluginAsync("DEL", pod)).Succeeded);
        Assert.Empty(next.Store.All);
    }

    [Fact]
    public async Task Without_an_agent_somebody_elses_interface_stays()
    {
        await using var node = await TestNode.CreateAsync();
        var pod = node.AddPod();
        await node.ShellAsync("ip link add eth0 type veth peer name other", pod);
        Assert.Equal(CniErrorCode.TryAgainLater, TestNode.Error(await node.PluginAsync("DEL", pod)).Code);
        await node.ShellAsync("ip link show eth0", pod);
    }

    [Fact]
    public async Task A_delete_that_comes_while_its_add_runs_leaves_nothing()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        foreach (var step in (string[])["assign", "install"])
        {
            var hold = agent.HoldNext(step);
            var add = node.PluginAsync("ADD", pod);
            await hold.Reached;
            var delete = await node.PluginAsync("DEL", pod);
            Assert.True(delete.Succeeded, delete.Output);
            var error = TestNode.Error(await add);
            Assert.Equal(CniErrorCode.Cancelled, error.Code);
            Assert.Empty(agent.Taken);
            Assert.Empty(agent.Store.All);
            await TestNode.UntilAsync(
                async () => (await node.PodDevicesAsync()).Length == 0, $"the device is gone after {step}");
        }
        await node.AddAsync(pod);
    }

    [Fact]
    public async Task An_add_whose_device_a_late_deletion_takes_makes_it_again()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        var pod = node.AddPod();
        await node.AddAsync(pod);
        var deletion = agent.HoldNext("delete");
        Assert.True((await node.PluginAsync("DEL", pod)).Succeeded);
        await deletion.Reached;
        foreach (var device in await node.PodDevicesAsync()) await node.ShellAsync($"ip link del {device}");
        var add = node.AddAsync(pod);
        await TestNode.UntilAsync(async () => (await node.PodDevicesAsync()).Length == 1, "the plugin has made its device");
        deletion.Release();
        await add;
        await node.ShellAsync("ping -c1 -W60 10.244.0.1");
    }

    [Fact]
    public async Task Collection_keeps_what_is_in_use_and_deletes_the_rest()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1", "10.244.0.2").Start();
        await node.AddAsync(node.AddPod("one"));
        await node.AddAsync(node.AddPod("two"), "c2");
        var configuration = node.Configuration(
            more: ""","cni.dev/valid-attachments":[{"containerID":"c2","ifname":"eth0"}]""");
        var run = await node.PluginAsync("GC", configuration: configuration);
        Assert.True(run.Succeeded, run.Output);
        Assert.Equal(["c2/eth0"], agent.Store.All.Keys);
        Assert.Equal(["c2/eth0"], agent.Taken.Keys);
        await node.ShellAsync("ping -c1 -W60 10.244.0.2");
    }

    [Fact]
    public async Task Collection_without_a_list_deletes_nothing()
    {
        await using var node = await TestNode.CreateAsync();
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace, "10.244.0.1").Start();
        await node.AddAsync(node.AddPod());
        var error = TestNode.Error(await node.PluginAsync("GC"));
        Assert.Equal(CniErrorCode.InvalidConfiguration, error.Code);
        Assert.Contains("cni.dev/valid-attachments", error.Details);
        Assert.Single(agent.Store.All);
    }
}
