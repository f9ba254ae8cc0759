using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Volumes;
using Causeway.Lab.Objects;
using CsCheck;
using static Causeway.Lab.Tests.LabObjects;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class ContainerEnvironmentTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["A"] = "1", ["B"] = "$(A)" };

    [Theory]
    [InlineData("$(A)-$(B)", "1-$(A)")]
    [InlineData("$(C) $A $$(A) $", "$(C) $A $(A) $")]
    [InlineData("$(A", "$(A")]
    public void Names_in_parentheses_are_replaced_once(string text, string expected) =>
        Assert.Equal(expected, ContainerEnvironment.Expand(text, Variables));

    [Fact]
    public void Any_text_expands_and_text_without_dollars_stays() => Gen.String.Sample(text =>
        text.Contains('$') || ContainerEnvironment.Expand(text, Variables) == text);

    [Fact]
    public void Later_variables_see_earlier_ones_and_fields_see_the_pod()
    {
        var container = new ContainerSpec
        {
            Env =
            [
                new("IP", ValueFrom: new(new("status.podIP"))), new("URL", "http://$(IP):$(PORT)/"),
                new("APP", ValueFrom: new(new("metadata.labels['app']"))), new("SECRET", ValueFrom: new()),
                new("HOST", ValueFrom: new(new("status.hostIP"))),
            ],
        };
        var facts = new PodFacts(Pod("p"), "n1", ["10.0.0.1"], ["192.168.0.1"]);
        var result = ContainerEnvironment.Of(
            container, facts, ObjectLookup.Nothing, new Dictionary<string, string> { ["PORT"] = "80" }).Values;
        Assert.Equal("http://10.0.0.1:80/", result["URL"]);
        Assert.Equal("web", result["APP"]);
        Assert.Equal("192.168.0.1", result["HOST"]);
        Assert.False(result.ContainsKey("SECRET"));
    }

    [Fact]
    public void Restarts_wait_longer_each_time_until_a_good_run()
    {
        var backoff = new RestartBackoff();
        var brief = TimeSpan.FromSeconds(1);
        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], Enumerable.Range(0, 8).Select(_ => backoff.Next(brief).TotalSeconds));
        Assert.Equal(TimeSpan.Zero, backoff.Next(RestartBackoff.Healthy));
    }
}
