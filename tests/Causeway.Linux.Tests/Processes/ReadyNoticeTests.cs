using Causeway.Linux.Processes;

namespace Causeway.Linux.Tests.Processes;

public sealed class ReadyNoticeTests
{
    [Theory]
    [InlineData("[ \"$CAUSEWAY_READY_FD\" = 3 ] && printf x >&3; exec sleep 60", true)]
    [InlineData("exit 1", false)]
    public async Task A_server_is_ready_by_its_own_word_and_not_by_its_end(string server, bool serves)
    {
        using OutputPump pump = new();
        TaskCompletionSource<bool> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ChildProcess child;
        using (var notice = pump.Open(bytes => told.TrySetResult(bytes.Length > 0)))
        {
            child = ProcessSpawner.Spawn(ReadyNotice.Ask(
                new("sh", "-c", server) { Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" } },
                notice));
        }
        Assert.Equal(serves, await told.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.Equal(!serves, await Ended(child, serves ? TimeSpan.Zero : TimeSpan.FromSeconds(60)));
        child.Kill(Signal.Kill);
        await child.Exited;
    }

    private static async Task<bool> Ended(ChildProcess child, TimeSpan within)
    {
        await Task.WhenAny(child.Exited, Task.Delay(within));
        return child.Exited.IsCompleted;
    }
}
