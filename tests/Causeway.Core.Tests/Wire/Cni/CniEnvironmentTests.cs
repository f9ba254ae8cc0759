using Causeway.Core.Wire.Cni;

namespace Causeway.Core.Tests.Wire.Cni;

public sealed class CniEnvironmentTests
{
    private static CniEnvironment Read(params (string, string)[] variables)
    {
        var set = variables.ToDictionary(v => v.Item1, v => v.Item2);
        return CniEnvironment.Read(name => set.GetValueOrDefault(name));
    }

    private static CniEnvironment Add(string id = "abc", string netns = "/n", string ifName = "eth0", string args = "") =>
        Read(("CNI_COMMAND", "ADD"), ("CNI_CONTAINERID", id), ("CNI_NETNS", netns), ("CNI_IFNAME", ifName), ("CNI_ARGS", args));

    [Fact]
    public void Kubernetes_arguments_name_the_pod()
    {
        var read = Add(args: "IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=abc;K8S_POD_UID=u-1;X=y=z");
        Assert.Equal(new PodArguments("ns", "web", "abc", "u-1"), read.Pod);
        Assert.Equal("abc/eth0", read.Handle);
    }

    [Theory]
    [InlineData("X=1")]
    [InlineData("IgnoreUnknown=0;X=1")]
    [InlineData("IgnoreUnknown=maybe")]
    [InlineData("K8S_POD_NAME")]
    [InlineData("=v")]
    public void Wrong_arguments_are_code_4(string args)
    {
        var error = Assert.Throws<CniException>(() => Add(args: args)).Error;
        Assert.Equal(CniErrorCode.InvalidEnvironment, error.Code);
        Assert.Contains("CNI_ARGS", error.Details);
    }

    [Theory]
    [InlineData("eth0", true)]
    [InlineData("abcdefghijklmno", true)]
    [InlineData("abcdefghijklmnop", false)]
    [InlineData("a/b", false)]
    [InlineData("a:b", false)]
    [InlineData("a b", false)]
    [InlineData("..", false)]
    public void Interface_names_are_the_kernels(string name, bool good)
    {
        if (good) Assert.Equal(name, Add(ifName: name).IfName);
        else Assert.Contains("CNI_IFNAME", Assert.Throws<CniException>(() => Add(ifName: name)).Error.Details);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("-x")]
    [InlineData("a;b")]
    public void Container_ids_hold_no_path(string id) =>
        Assert.Contains("CNI_CONTAINERID", Assert.Throws<CniException>(() => Add(id: id)).Error.Details);

    [Theory]
    [InlineData("ADD", "CNI_CONTAINERID")]
    [InlineData("DEL", "CNI_CONTAINERID")]
    [InlineData("CHECK", "CNI_CONTAINERID")]
    [InlineData("add", "CNI_COMMAND")]
    [InlineData("", "CNI_COMMAND")]
    public void What_is_missing_is_named(string command, string named)
    {
        var error = Assert.Throws<CniException>(() => Read(("CNI_COMMAND", command))).Error;
        Assert.Equal(CniErrorCode.InvalidEnvironment, error.Code);
        Assert.StartsWith(named, error.Details);
    }

    [Fact]
    public void Delete_needs_no_namespace() =>
        Assert.Equal("", Read(("CNI_COMMAND", "DEL"), ("CNI_CONTAINERID", "a"), ("CNI_IFNAME", "eth0")).Netns);

    [Theory]
    [InlineData("GC")]
    [InlineData("STATUS")]
    [InlineData("VERSION")]
    public void Verbs_without_a_pod_need_nothing(string command) =>
        Assert.Equal(command, Read(("CNI_COMMAND", command)).Command);
}
