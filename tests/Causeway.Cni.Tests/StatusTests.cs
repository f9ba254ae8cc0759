using System.Text.Json;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Processes;

namespace Causeway.Cni.Tests;

public sealed class StatusTests
{
    [Fact]
    public async Task Status_is_what_the_agent_says_or_that_it_is_away()
    {
        await using var node = await TestNode.CreateAsync();
        var away = TestNode.Error(await node.PluginAsync("STATUS"));
        Assert.Equal(CniErrorCode.NotAvailable, away.Code);
        Assert.Contains(node.Socket, away.Details);
        await using var agent = new TestAgent(node.RunDirectory, node.Namespace).Start();
        var ready = await node.PluginAsync("STATUS");
        Assert.Equal((0, ""), (ready.ExitCode, ready.Output));
        agent.Unavailable = new CniError(CniErrorCode.NotAvailable, "no pool", "make an IPPool");
        Assert.Equal(agent.Unavailable, TestNode.Error(await node.PluginAsync("STATUS")));
    }

    [Theory]
    [InlineData("""{"cniVersion":"0.4.0"}""", "0.4.0")]
    [InlineData("""{"cniVersion":"7.0.0"}""", "1.1.0")]
    [InlineData("", "1.1.0")]
    [InlineData("nonsense", "1.1.0")]
    public async Task Version_needs_no_agent_and_lists_all(string input, string version)
    {
        var run = await RunAsync("VERSION", input);
        Assert.True(run.Succeeded);
        var json = JsonElement.Parse(run.Output);
        Assert.Equal(version, json.GetProperty("cniVersion").GetString());
        Assert.Equal(CniVersion.Supported, json.GetProperty("supportedVersions").EnumerateArray().Select(v => v.GetString()!));
    }

    [Theory]
    [InlineData("STATUS", "{", 6)]
    [InlineData("STATUS", """{"cniVersion":"0.2.0","name":"k"}""", 1)]
    [InlineData("STATUS", """{"cniVersion":"1.0.0","name":"k"}""", 1)]
    [InlineData("STATUS", """{"cniVersion":"1.1.0","name":"k","socket":7}""", 7)]
    [InlineData("STATUS", """{"cniVersion":"1.1.0","name":"k","ipam":{"type":"x"}}""", 2)]
    [InlineData("JUMP", """{"cniVersion":"1.1.0","name":"k"}""", 4)]
    [InlineData("ADD", """{"cniVersion":"1.1.0","name":"k"}""", 4)]
    [InlineData("DEL", """{"cniVersion":"1.1.0","name":"k"}""", 4)]
    public async Task Bad_input_has_the_specifications_code(string verb, string input, int code) =>
        Assert.Equal(code, (int)TestNode.Error(await RunAsync(verb, input)).Code);

    [Fact]
    public async Task By_hand_it_says_what_it_is()
    {
        var run = await RunAsync("", "");
        Assert.True(run.Succeeded);
        Assert.Equal("", run.Output);
        Assert.Contains("1.1.0", run.Error);
    }

    private static Task<ProcessResult> RunAsync(string verb, string input) => ProcessSpawner.Run(
        new ProcessStart(TestNode.Executable)
        {
            Environment = new Dictionary<string, string>
            {
                ["CNI_COMMAND"] = verb, ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "",
            },
        }, input, TimeSpan.FromSeconds(30));
}
