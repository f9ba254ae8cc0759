using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Tables;

namespace Causeway.Lab.Tests.ApiServer.Tables;

public sealed class TableTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(130, "2m10s")]
    [InlineData(10 * 60 + 5, "10m")]
    [InlineData(3 * 3600 + 60, "3h1m")]
    [InlineData(20 * 3600, "20h")]
    [InlineData(50 * 3600, "2d2h")]
    [InlineData(30 * 86400, "30d")]
    [InlineData(3 * 365 * 86400, "3y")]
    [InlineData(-5, "<invalid>")]
    public void Ages_are_short(int seconds, string expected) =>
        Assert.Equal(expected, HumanDuration.Of(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("""{"status":{"phase":"Pending"}}""", "Pending")]
    [InlineData("""{"status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}}""", "ContainerCreating")]
    [InlineData("""{"status":{"phase":"Running","containerStatuses":[{"ready":true,"state":{"running":{}}}]}}""", "Running")]
    [InlineData("""{"status":{"phase":"Running","containerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}""", "CrashLoopBackOff")]
    [InlineData("""{"status":{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"reason":"Completed","exitCode":0}}}]}}""", "Completed")]
    [InlineData("""{"status":{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":7}}}]}}""", "ExitCode:7")]
    [InlineData("""{"metadata":{"deletionTimestamp":"x"},"status":{"phase":"Running"}}""", "Terminating")]
    [InlineData("""{"metadata":{"deletionTimestamp":"x"},"status":{"phase":"Running","reason":"NodeLost"}}""", "Unknown")]
    [InlineData("""{"spec":{"initContainers":[{"name":"i"},{"name":"j"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}]}}""", "Init:0/2")]
    [InlineData("""{"status":{"phase":"Failed","reason":"Evicted"}}""", "Evicted")]
    public void One_word_says_how_a_pod_is(string pod, string expected) =>
        Assert.Equal(expected, PodStatusText.Of(JsonNode.Parse(pod)!.AsObject()));

    [Theory]
    [InlineData(".spec.a", "1")]
    [InlineData(".spec['x.y']", "2")]
    [InlineData(@".spec.x\.y", "2")]
    [InlineData(".list[1].n", "b")]
    [InlineData(".list[*].n", "a")]
    [InlineData(""".list[?(@.n=="b")].v""", "20")]
    [InlineData(".absent.a", null)]
    public void Columns_find_their_value(string path, string? expected)
    {
        var value = JsonNode.Parse("""{"spec":{"a":1,"x.y":2},"list":[{"n":"a","v":10},{"n":"b","v":20}]}""");
        Assert.Equal(expected, JsonPath.First(value, path)?.ToString());
    }
}
