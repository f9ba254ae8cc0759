using Causeway.Lab.Nodes;

namespace Causeway.Lab.Tests.Nodes;

public sealed class BackOffTests
{
    [Fact]
    public void It_doubles_to_a_limit_and_a_good_run_is_forgiven()
    {
        var backOff = new BackOff();
        var waits = Enumerable.Range(0, 8).Select(_ => backOff.After(TimeSpan.Zero).TotalMilliseconds);
        Assert.Equal([200, 400, 800, 1600, 3200, 6400, 10000, 10000], waits);
        Assert.Equal(BackOff.First, backOff.After(BackOff.GoodRun));
    }
}
