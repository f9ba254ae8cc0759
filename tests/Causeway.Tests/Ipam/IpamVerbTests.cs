using System.Text.Json.Nodes;
using Causeway.Tests.Lab;

namespace Causeway.Tests.Ipam;

/// <summary>The verbs of <c>causeway ipam</c> as a user types them, against a lab.</summary>
[Collection("lab")]
public sealed class IpamVerbTests
{
    private const string Leaked = "10.244.255.250";

    [Fact]
    public async Task Show_check_and_release_tell_the_truth()
    {
        await using var lab = LabHarness.AsRoot();
        await lab.Good("lab", "up", "--nodes", "2", "--no-dns");
        var scene = new LabScene(lab);
        await scene.RunPods();
        await Shows(lab, scene.Target);
        await Refuses(lab, scene.Target);
        Assert.Contains("all in order", await lab.Good("ipam", "check"), StringComparison.Ordinal);
        Assert.Empty((await Json(lab, 0, "check"))["problems"]!.AsArray());
        await FindsAndFreesALeak(lab, scene.Target);
    }

    [Theory]
    [InlineData("'10.0.0.300' is not an IP address", "show", "10.0.0.300")]
    [InlineData("--pod 'a/b/c' is not NAMESPACE/NAME", "show", "--pod", "a/b/c")]
    [InlineData("'x' is not an IP address", "release", "x", "--handle", "h")]
    [InlineData("--handle", "release", "10.0.0.1")]
    [InlineData("name two clusters", "check", "--kubeconfig", "f", "--lab", "l")]
    public async Task Wrong_input_ends_2_and_names_it(string message, params string[] arguments)
    {
        await using var lab = LabHarness.AsRoot();
        var result = await lab.Run(["ipam", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_ends_3()
    {
        await using var lab = LabHarness.AsRoot();
        var config = Path.Combine(lab.Directory, "config");
        await File.WriteAllTextAsync(config, """
            clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
            contexts: [{name: x, context: {cluster: c}}]
            current-context: x
            """, TestContext.Current.CancellationToken);
        var result = await lab.Run("ipam", "check", "--kubeconfig", config);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("127.0.0.1:1", result.Error, StringComparison.Ordinal);
    }

    private static async Task Shows(LabHarness lab, string address)
    {
        var text = await lab.Good("ipam", "show");
        foreach (var word in (string[])["POOL", "default", "10.244.0.0/16", "VXLAN", "NODE", "n1", "n2"])
            Assert.Contains(word, text, StringComparison.Ordinal);
        var usage = await Json(lab, 0, "show");
        Assert.Equal(4, (int)usage["pools"]![0]!["used"]!); // two pods, two tunnel addresses
        Assert.Equal(["n1", "n2"], usage["blocks"]!.AsArray().Select(b => (string?)b!["node"]).Order());
        Assert.Contains("default/b", await lab.Good("ipam", "show", address), StringComparison.Ordinal);
        foreach (var asked in (string[][])[["show", address], ["show", "--pod", "default/b"], ["show", "--pod", "b"]])
        {
            var owner = Assert.Single((await Json(lab, 0, asked)).AsArray())!;
            Assert.Equal(address, (string?)owner["address"]);
            Assert.Equal("b", (string?)owner["allocation"]!["pod"]);
            Assert.Null(owner["unused"]);
        }
        Assert.Null((await Json(lab, 1, "show", Leaked))[0]!["allocation"]);
        Assert.Contains("not allocated", (await lab.Run("ipam", "show", Leaked)).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await lab.Run("ipam", "show", "--pod", "default/none")).ExitCode);
    }

    private static async Task Refuses(LabHarness lab, string address)
    {
        var handle = await Handle(lab, address);
        foreach (var (arguments, why) in ((string[], string)[])
            [([address, "--handle", "other/eth0"], handle), ([address, "--handle", handle], "is in use"),
                ([Leaked, "--handle", handle], "is not allocated")])
        {
            var result = await lab.Run(["ipam", "release", .. arguments]);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(why, result.Error, StringComparison.Ordinal);
        }
        Assert.Equal(handle, await Handle(lab, address));
    }

    private static async Task FindsAndFreesALeak(LabHarness lab, string address)
    {
        var leaked = await Leak(lab, address);
        var problem = Assert.Single((await Json(lab, 1, "check"))["problems"]!.AsArray())!;
        Assert.Equal("address-unused", (string?)problem["code"]);
        Assert.Contains(leaked, (string?)problem["message"], StringComparison.Ordinal);
        Assert.Contains("1 problem", (await lab.Run("ipam", "check")).Output, StringComparison.Ordinal);
        Assert.NotNull((await Json(lab, 0, "show", leaked))[0]!["unused"]);
        var released = await Json(lab, 0, "release", leaked, "--handle", "dead/eth0");
        Assert.Equal((leaked, true), ((string?)released["address"], (bool)released["released"]!));
        await lab.Good("ipam", "check");
        Assert.Equal(1, (await lab.Run("ipam", "show", leaked)).ExitCode);
    }

    /// <summary>Allocates an address of the block of this one to a pod that does not exist.</summary>
    private static async Task<string> Leak(LabHarness lab, string address)
    {
        var list = JsonNode.Parse(await lab.Kubectl("default", "get", "ipamblocks", "-o", "json"))!;
        var block = list["items"]!.AsArray().Single(b => b!["spec"]!["allocations"]!.AsArray()
            .Any(a => (string?)a!["address"] == address))!;
        var allocations = block["spec"]!["allocations"]!.AsArray();
        var leaked = address[..(address.LastIndexOf('.') + 1)] + (int.Parse(address.Split('.')[3]) + 20);
        allocations.Add((JsonNode)new JsonObject
        {
            ["address"] = leaked, ["handle"] = "dead/eth0", ["node"] = block["spec"]!["node"]!.DeepClone(),
            ["sequence"] = 1, ["namespace"] = "default", ["pod"] = "gone",
        });
        var patch = new JsonObject { ["spec"] = new JsonObject { ["allocations"] = allocations.DeepClone() } };
        await lab.Kubectl(
            "default", "patch", "ipamblock", (string)block["metadata"]!["name"]!, "--type=merge", "-p", patch.ToJsonString());
        return leaked;
    }

    private static async Task<string> Handle(LabHarness lab, string address) =>
        (string)(await Json(lab, 0, "show", address))[0]!["allocation"]!["handle"]!;

    private static async Task<JsonNode> Json(LabHarness lab, int code, params string[] arguments)
    {
        var result = await lab.Run(["ipam", .. arguments, "-o", "json"]);
        Assert.True(result.ExitCode == code, $"ipam {string.Join(' ', arguments)}: {result.ExitCode} {result.Error}");
        return JsonNode.Parse(result.Output)!;
    }
}
