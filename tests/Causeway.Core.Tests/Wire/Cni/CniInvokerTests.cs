using System.Collections.Immutable;
using System.Text.Json;
using Causeway.Core.Wire.Cni;

namespace Causeway.Core.Tests.Wire.Cni;

public sealed class CniInvokerTests
{
    private const string File = """
        {"cniVersion":"1.1.0","name":"k8s","plugins":[
          {"type":"first","keep":{"a":1}},
          {"type":"second","capabilities":{"portMappings":true,"bandwidth":false}}]}
        """;

    private static readonly CniAttachment Pod = new()
    {
        ContainerId = "c1",
        Netns = "/run/netns/c1",
        Arguments = CniAttachment.KubernetesArguments("ns", "web", "c1", "u"),
        CapabilityArguments = ImmutableDictionary<string, JsonElement>.Empty
            .Add("portMappings", JsonElement.Parse("""[{"hostPort":80}]"""))
            .Add("bandwidth", JsonElement.Parse("{}")),
    };

    private readonly List<CniInvocation> _runs = [];
    private readonly Dictionary<string, CniExit> _exits = [];

    private CniInvoker Invoker => new((invocation, _) =>
    {
        _runs.Add(invocation);
        var printed = """{"cniVersion":"1.1.0","interfaces":[{"name":"P"}],"dns":{}}""".Replace("\"P\"", $"\"{invocation.Plugin}\"");
        return Task.FromResult(_exits.GetValueOrDefault(
            $"{invocation.Verb} {invocation.Plugin}", new CniExit(0, invocation.Verb == "ADD" ? printed : "")));
    }, "/a:/b");

    private static NetworkList List(string json = File) => NetworkList.Parse(json, "f");

    private string[] Order => [.. _runs.Select(r => $"{r.Verb} {r.Plugin}")];

    [Fact]
    public async Task Add_chains_results_and_passes_what_each_plugin_switched_on()
    {
        var result = await Invoker.AddAsync(List(), Pod, default);
        Assert.Equal("second", result.Interfaces.Single().Name);
        Assert.Equal(["ADD first", "ADD second"], Order);
        Assert.Equal("""{"cniVersion":"1.1.0","name":"k8s","type":"first","keep":{"a":1}}""", _runs[0].Input);
        var second = JsonElement.Parse(_runs[1].Input);
        Assert.Equal("first", second.GetProperty("prevResult").GetProperty("interfaces")[0].GetProperty("name").GetString());
        Assert.Equal("""{"portMappings":[{"hostPort":80}]}""", second.GetProperty("runtimeConfig").GetRawText());
        Assert.Equal(
            "CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/c1 "
            + "CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=u "
            + "CNI_IFNAME=eth0 CNI_PATH=/a:/b",
            string.Join(' ', _runs[0].Environment.Select(v => $"{v.Key}={v.Value}")));
    }

    [Fact]
    public async Task A_failed_add_stops_there_and_names_the_plugin()
    {
        _exits["ADD first"] = new(1, """{"cniVersion":"1.1.0","code":11,"msg":"try again later","details":"agent away"}""");
        var error = (await Assert.ThrowsAsync<CniException>(() => Invoker.AddAsync(List(), Pod, default))).Error;
        Assert.Equal((CniErrorCode.TryAgainLater, "agent away"), (error.Code, error.Details));
        Assert.Equal("plugin first failed (ADD): try again later", error.Message);
        Assert.Single(_runs);
    }

    [Fact]
    public async Task A_plugin_that_dies_without_json_is_quoted()
    {
        _exits["ADD first"] = new(139, "", "Segmentation fault\n");
        var error = (await Assert.ThrowsAsync<CniException>(() => Invoker.AddAsync(List(), Pod, default))).Error;
        Assert.Contains("139", error.Message);
        Assert.Equal("Segmentation fault", error.Details);
    }

    [Fact]
    public async Task Delete_goes_backwards_with_the_kept_result()
    {
        var kept = await Invoker.AddAsync(List(), Pod, default);
        _runs.Clear();
        await Invoker.DeleteAsync(List(), Pod with { Netns = "" }, kept, default);
        Assert.Equal(["DEL second", "DEL first"], Order);
        Assert.All(_runs, run => Assert.Contains("\"prevResult\"", run.Input));
        _runs.Clear();
        await Invoker.DeleteAsync(List(), Pod, null, default);
        Assert.All(_runs, run => Assert.DoesNotContain("prevResult", run.Input));
    }

    [Fact]
    public async Task Before_0_4_0_delete_gets_no_result_and_there_is_no_check()
    {
        var old = List("""{"cniVersion":"0.3.1","name":"n","plugins":[{"type":"first"}]}""");
        await Invoker.DeleteAsync(old, Pod, new CniResult(), default);
        Assert.DoesNotContain("prevResult", _runs.Single().Input);
        await Assert.ThrowsAsync<CniException>(() => Invoker.CheckAsync(old, Pod, new CniResult(), default));
    }

    [Fact]
    public async Task Check_is_in_order_unless_disabled()
    {
        await Invoker.CheckAsync(List(), Pod, new CniResult(), default);
        Assert.Equal(["CHECK first", "CHECK second"], Order);
        _runs.Clear();
        await Invoker.CheckAsync(List() with { DisableCheck = true }, Pod, new CniResult(), default);
        Assert.Empty(_runs);
    }

    [Fact]
    public async Task Collection_tells_each_plugin_what_is_valid_also_after_a_failure()
    {
        _exits["GC first"] = new(1, """{"code":5,"msg":"broken"}""");
        await Assert.ThrowsAsync<CniException>(() => Invoker.CollectAsync(List(), [new("c1", "eth0")], default));
        Assert.Equal(["GC first", "GC second"], Order);
        Assert.Contains("""cni.dev/valid-attachments":[{"containerID":"c1","ifname":"eth0"}]""", _runs[1].Input);
        _runs.Clear();
        await Invoker.CollectAsync(List() with { DisableGc = true }, [], default);
        await Invoker.CollectAsync(List() with { CniVersion = "1.0.0" }, [], default);
        Assert.Empty(_runs);
    }

    [Fact]
    public async Task Status_stops_at_the_first_refusal()
    {
        _exits["STATUS first"] = new(1, """{"code":50,"msg":"not available"}""");
        var error = (await Assert.ThrowsAsync<CniException>(() => Invoker.StatusAsync(List(), default))).Error;
        Assert.Equal(CniErrorCode.NotAvailable, error.Code);
        Assert.Equal(["STATUS first"], Order);
    }

    [Theory]
    [InlineData("", "/n", "eth0")]
    [InlineData("c1", "", "eth0")]
    [InlineData("c1", "/n", "a/b")]
    public async Task A_wrong_attachment_starts_nothing(string id, string netns, string ifName)
    {
        var pod = Pod with { ContainerId = id, Netns = netns, IfName = ifName };
        await Assert.ThrowsAsync<CniException>(() => Invoker.AddAsync(List(), pod, default));
        Assert.Empty(_runs);
    }
}
