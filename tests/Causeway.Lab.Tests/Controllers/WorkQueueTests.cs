using Causeway.Lab.Controllers;
using Causeway.Kubernetes.Tests;

namespace Causeway.Lab.Tests.Controllers;

public sealed class WorkQueueTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task News_of_a_key_that_rests_are_one_piece_of_work_after_the_rest()
    {
        var cancel = TestContext.Current.CancellationToken;
        WorkQueue queue = new(_time);
        queue.Add("set");
        await queue.TakeAsync(cancel);
        queue.Done("set", failed: false, cancel, TimeSpan.FromMilliseconds(100));

        for (var i = 0; i < 50; i++) queue.Add("set");
        var next = queue.TakeAsync(cancel).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("set", await next);
        queue.Done("set", failed: false, cancel);

        var none = queue.TakeAsync(cancel).AsTask();
        Assert.False(none.IsCompleted);
        queue.Add("set");
        Assert.Equal("set", await none);
    }

    [Fact]
    public async Task A_deadline_that_no_timer_takes_is_looked_at_within_the_hour()
    {
        var cancel = TestContext.Current.CancellationToken;
        WorkQueue queue = new(_time);
        queue.AddAfter("set", TimeSpan.FromSeconds(int.MaxValue), cancel);
        var next = queue.TakeAsync(cancel).AsTask();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("set", await next);
    }

    [Fact]
    public async Task No_key_rests_longer_than_a_fifth_of_a_second()
    {
        var cancel = TestContext.Current.CancellationToken;
        WorkQueue queue = new(_time);
        queue.Add("set");
        await queue.TakeAsync(cancel);
        queue.Done("set", failed: false, cancel, TimeSpan.FromHours(1));
        queue.Add("set");
        var next = queue.TakeAsync(cancel).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal("set", await next);
    }
}
