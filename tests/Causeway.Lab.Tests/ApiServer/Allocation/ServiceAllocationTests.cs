using System.Net;
using System.Text.Json.Nodes;
using Causeway.Core.Addressing;

namespace Causeway.Lab.Tests.ApiServer.Allocation;

public sealed class ServiceAllocationTests : IAsyncLifetime
{
    private const string Path = "/api/v1/namespaces/default/services";
    private const string Merge = "application/merge-patch+json";

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(o => o with
    {
        ServiceRanges = [Prefix.Parse("10.96.0.0/16"), Prefix.Parse("fd00:10:96::/112")],
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_service_gets_an_address_of_the_first_family()
    {
        var made = await CreateAsync("a", """{"ports":[{"port":80}]}""");
        Assert.True(Prefix.Parse("10.96.0.0/16").Contains(IpAddress.Parse((string)made["clusterIP"]!)));
        Assert.Equal("SingleStack", (string?)made["ipFamilyPolicy"]);
        Assert.Equal("""["IPv4"]""", made["ipFamilies"]!.ToJsonString());
        Assert.Equal((string?)made["clusterIP"], (string?)made["clusterIPs"]![0]);
        Assert.Null(made["ports"]![0]!["nodePort"]);
    }

    [Theory]
    [InlineData("""{"ipFamilyPolicy":"RequireDualStack"}""", "IPv4 IPv6")]
    [InlineData("""{"ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv6"]}""", "IPv6 IPv4")]
    [InlineData("""{"ipFamilies":["IPv6"]}""", "IPv6")]
    [InlineData("""{"clusterIP":"fd00:10:96::77"}""", "IPv6")]
    public async Task Families_follow_what_was_asked(string spec, string families)
    {
        var asked = JsonNode.Parse(spec)!.AsObject();
        asked["ports"] = JsonNode.Parse("""[{"port":80}]""");
        var made = await CreateAsync("a", asked.ToJsonString());
        Assert.Equal(families, string.Join(' ', made["ipFamilies"]!.AsArray()));
        Assert.Equal(families, string.Join(' ', made["clusterIPs"]!.AsArray()
            .Select(a => ((string)a!).Contains(':') ? "IPv6" : "IPv4")));
    }

    [Fact]
    public async Task An_address_has_one_service()
    {
        await CreateAsync("a", """{"clusterIP":"10.96.7.7","ports":[{"port":80}]}""");
        Assert.Contains("spec.clusterIPs: Invalid value: [\"10.96.7.7\"]: failed to allocate IP 10.96.7.7: provided IP is"
            + " already allocated", await RefusedAsync("b", """{"clusterIP":"10.96.7.7","ports":[{"port":80}]}"""));
        Assert.Contains("provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16",
            await RefusedAsync("b", """{"clusterIP":"10.97.0.1","ports":[{"port":80}]}"""));
        await _server.DeleteAsync($"{Path}/a");
        await CreateAsync("b", """{"clusterIP":"10.96.7.7","ports":[{"port":80}]}""");
    }

    [Fact]
    public async Task A_node_port_has_one_service_until_it_is_freed()
    {
        await CreateAsync("a", """{"type":"NodePort","ports":[{"port":80,"nodePort":30080}]}""");
        const string same = """{"type":"NodePort","ports":[{"port":80,"nodePort":30080}]}""";
        Assert.Contains("spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
            await RefusedAsync("b", same));
        Assert.Contains("provided port is not in the valid range. The range of valid ports is 30000-32767",
            await RefusedAsync("b", """{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}"""));
        var changed = await _server.PatchAsync($"{Path}/a", Merge, """{"spec":{"type":"ClusterIP"}}""");
        Assert.Null(changed["spec"]!["ports"]![0]!["nodePort"]);
        Assert.Null(changed["spec"]!["externalTrafficPolicy"]);
        await CreateAsync("b", same);
    }

    [Fact]
    public async Task Types_change_and_keep_what_still_fits()
    {
        var made = await CreateAsync("a", """{"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"port":80}]}""");
        Assert.InRange((int)made["healthCheckNodePort"]!, 30000, 32767);
        Assert.InRange((int)made["ports"]![0]!["nodePort"]!, 30000, 32767);
        Assert.NotEqual((int)made["healthCheckNodePort"]!, (int)made["ports"]![0]!["nodePort"]!);
        var node = (await PatchSpecAsync("a", """{"type":"NodePort"}"""))!;
        Assert.Null(node["healthCheckNodePort"]);
        Assert.Equal((int)made["ports"]![0]!["nodePort"]!, (int)node["ports"]![0]!["nodePort"]!);
        Assert.Equal((string?)made["clusterIP"], (string?)node["clusterIP"]);
        var name = (await PatchSpecAsync("a", """{"type":"ExternalName","externalName":"e.org"}"""))!;
        Assert.Null(name["clusterIP"]);
        Assert.Null(name["clusterIPs"]);
        Assert.Null(name["ports"]![0]!["nodePort"]);
        var back = (await PatchSpecAsync("a", """{"type":"ClusterIP","externalName":null}"""))!;
        Assert.NotNull(back["clusterIP"]);
    }

    [Fact]
    public async Task A_cluster_address_may_not_change()
    {
        await CreateAsync("a", """{"clusterIP":"10.96.7.7","ports":[{"port":80}]}""");
        var refused = await _server.PatchAsync($"{Path}/a", Merge, """{"spec":{"clusterIP":"10.96.7.8"}}""",
            HttpStatusCode.UnprocessableEntity);
        Assert.Contains("spec.clusterIPs[0]: Invalid value: [\"10.96.7.8\"]: may not change once set",
            (string?)refused["message"]);
    }

    [Fact]
    public async Task A_second_family_comes_and_goes_with_the_policy()
    {
        var one = await CreateAsync("a", """{"ports":[{"port":80}]}""");
        var two = (await PatchSpecAsync("a", """{"ipFamilyPolicy":"PreferDualStack"}"""))!;
        Assert.Equal(2, two["clusterIPs"]!.AsArray().Count);
        Assert.Equal((string?)one["clusterIP"], (string?)two["clusterIPs"]![0]);
        var again = (await PatchSpecAsync("a", """{"ipFamilyPolicy":"SingleStack"}"""))!;
        Assert.Single(again["clusterIPs"]!.AsArray());
        var second = (string)two["clusterIPs"]![1]!;
        await CreateAsync("b", $$"""{"clusterIP":"{{second}}","ports":[{"port":80}]}""");
    }

    [Fact]
    public async Task Applying_the_same_manifest_again_keeps_what_was_allocated()
    {
        const string spec = """{"type":"NodePort","ports":[{"port":80}],"ipFamilyPolicy":"PreferDualStack"}""";
        var made = await CreateAsync("a", spec);
        var put = await _server.PutAsync($"{Path}/a", Body("a", spec));
        Assert.True(JsonNode.DeepEquals(made, put["spec"]), put["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task After_a_restart_the_allocator_knows_what_is_stored()
    {
        var made = await CreateAsync("a", """{"type":"NodePort","clusterIP":"10.96.1.0","ports":[{"port":80,"nodePort":30090}]}""");
        await _server.RestartAsync();
        Assert.Contains("already allocated", await RefusedAsync("b",
            $$"""{"clusterIP":"{{made["clusterIP"]}}","ports":[{"port":80}]}"""));
        Assert.Contains("already allocated", await RefusedAsync("b",
            """{"type":"NodePort","ports":[{"port":80,"nodePort":30090}]}"""));
        var next = await CreateAsync("c", """{"ports":[{"port":80}]}""");
        Assert.NotEqual((string?)made["clusterIP"], (string?)next["clusterIP"]);
    }

    [Fact]
    public async Task Many_at_once_never_share()
    {
        var made = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            CreateAsync($"s{i}", """{"type":"NodePort","ports":[{"port":80}]}""")));
        Assert.Equal(200, made.Select(m => (string?)m["clusterIP"]).Distinct().Count());
        Assert.Equal(200, made.Select(m => (int)m["ports"]![0]!["nodePort"]!).Distinct().Count());
    }

    [Fact]
    public async Task Trying_out_takes_nothing()
    {
        const string spec = """{"clusterIP":"10.96.7.7","ports":[{"port":80}]}""";
        await _server.PostAsync(Path + "?dryRun=All", Body("a", spec));
        await CreateAsync("b", spec);
    }

    private async Task<JsonNode> CreateAsync(string name, string spec) =>
        (await _server.PostAsync(Path, Body(name, spec)))["spec"]!;

    private async Task<JsonNode?> PatchSpecAsync(string name, string spec) =>
        (await _server.PatchAsync($"{Path}/{name}", Merge, $$"""{"spec":{{spec}}}"""))["spec"];

    private async Task<string> RefusedAsync(string name, string spec) =>
        (string)(await _server.PostAsync(Path, Body(name, spec), HttpStatusCode.UnprocessableEntity))["message"]!;

    private static string Body(string name, string spec) =>
        $$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{name}}"},"spec":{{spec}}}""";
}
