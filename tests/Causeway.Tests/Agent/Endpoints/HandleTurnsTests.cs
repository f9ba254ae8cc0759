using Causeway.Agent.Endpoints;

namespace Causeway.Tests.Agent.Endpoints;

public sealed class HandleTurnsTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly HandleTurns _turns = new();

    [Fact]
    public async Task One_handle_has_one_turn_at_a_time_in_order_of_arrival()
    {
        var first = await _turns.EnterAsync("c/eth0", cancellable: false, Never);
        var second = _turns.EnterAsync("c/eth0", cancellable: false, Never);
        var third = _turns.EnterAsync("c/eth0", cancellable: false, Never);
        Assert.False(second.IsCompleted);
        first.Dispose();
        using (await second) Assert.False(third.IsCompleted);
        using (await third) { }
    }

    [Fact]
    public async Task Handles_do_not_wait_for_one_another()
    {
        using var one = await _turns.EnterAsync("c/eth0", cancellable: false, Never);
        using var other = await _turns.EnterAsync("c/eth1", cancellable: false, Never);
    }

    [Fact]
    public async Task A_delete_cancels_the_add_that_runs_and_those_that_wait()
    {
        var running = await _turns.EnterAsync("c/eth0", cancellable: true, Never);
        var waiting = _turns.EnterAsync("c/eth0", cancellable: true, Never);
        using var another = await _turns.EnterAsync("d/eth0", cancellable: true, Never);
        _turns.CancelAll("c/eth0");
        Assert.True(running.Cancelled.IsCancellationRequested);
        Assert.False(another.Cancelled.IsCancellationRequested);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var delete = _turns.EnterAsync("c/eth0", cancellable: false, Never);
        Assert.False(delete.IsCompleted);
        running.Dispose();
        using (await delete) _turns.CancelAll("c/eth0");
    }

    [Fact]
    public async Task What_is_not_cancellable_goes_on()
    {
        using var check = await _turns.EnterAsync("c/eth0", cancellable: false, Never);
        _turns.CancelAll("c/eth0");
        Assert.False(check.Cancelled.IsCancellationRequested);
        _turns.CancelAll("nobody/eth0");
    }

    [Fact]
    public async Task Leaving_twice_lets_one_in()
    {
        var first = await _turns.EnterAsync("c/eth0", cancellable: false, Never);
        first.Dispose();
        first.Dispose();
        using var second = await _turns.EnterAsync("c/eth0", cancellable: false, Never);
        Assert.False(_turns.EnterAsync("c/eth0", cancellable: false, Never).IsCompleted);
    }

    [Fact]
    public async Task Many_at_once_never_meet_and_all_have_their_turn()
    {
        var inside = 0;
        var done = 0;
        await Parallel.ForAsync(0, 500, async (i, cancel) =>
        {
            using var turn = await _turns.EnterAsync($"{i % 3}/eth0", i % 3 == 2, cancel);
            if (i % 3 == 0) Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Yield();
            if (i % 3 == 0) Interlocked.Decrement(ref inside);
            Interlocked.Increment(ref done);
        });
        Assert.Equal(500, done);
    }
}
