using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Tests.Processes;

public sealed class ProcessSpawnerTests
{
    [Fact]
    public async Task RunCollectsExitOutputAndError()
    {
        var result = await ProcessSpawner.Run(["sh", "-c", "cat; echo fault >&2; exit 7"], "words");
        Assert.Equal((7, "words", "fault\n"), (result.ExitCode, result.Output, result.Error));
        Assert.True(result.ProcessId > 1);
    }

    [Fact]
    public async Task MoreThanAPipeHoldsGoesBothWays()
    {
        var text = new string('x', 3_000_000);
        var result = await ProcessSpawner.Run(["cat"], text);
        Assert.Equal(text, result.Output);
    }

    [Fact]
    public async Task AProgramThatIgnoresItsInputIsNoFault()
    {
        var result = await ProcessSpawner.Run(["true"], new string('x', 3_000_000));
        Assert.True(result.Succeeded);
    }

    [Fact]
    public async Task ADescendantThatKeepsThePipesOpenDoesNotHoldTheRun()
    {
        var result = await ProcessSpawner.Run(["sh", "-c", "sleep 60 & echo $!"]);
        Assert.True(result.Succeeded);
        await ProcessSpawner.Run(["kill", result.Output.Trim()]);
    }

    [Fact]
    public void AMissingProgramIsNamed()
    {
        var error = Assert.Throws<SystemCallException>(
            () => ProcessSpawner.Spawn(new ProcessStart("no-such-program")));
        Assert.Equal("cannot start 'no-such-program': No such file or directory (ENOENT)", error.Message);
    }

    [Fact]
    public void AMissingDirectoryIsNamed()
    {
        var error = Assert.Throws<SystemCallException>(
            () => ProcessSpawner.Spawn(new ProcessStart("true") { WorkingDirectory = "/nowhere" }));
        Assert.Contains("'true' in directory '/nowhere'", error.Message);
    }

    [Fact]
    public async Task EnvironmentDirectoryAndDescriptorsReachTheChild()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "before\n");
        var child = ProcessSpawner.Spawn(new ProcessStart("/bin/sh", "-c", "echo $WORD; pwd; echo extra >&5; ls /proc/self/fd")
        {
            Environment = new Dictionary<string, string> { ["WORD"] = "given", ["PATH"] = "/bin:/usr/bin" },
            WorkingDirectory = "/usr",
            Output = ChildStream.File(file),
            Descriptors = new Dictionary<int, ChildStream> { [5] = ChildStream.File(file) },
        });
        Assert.Equal(0, await child.Exited);
        var lines = await File.ReadAllLinesAsync(file);
        File.Delete(file);
        // 3 is ls's own, of the directory that it lists.
        Assert.Equal(["before", "given", "/usr", "extra", "0", "1", "2", "3", "5"], lines);
    }

    [Fact]
    public async Task SignalsOfTheChildAreDefault()
    {
        var result = await ProcessSpawner.Run(["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"]);
        // 32 and 33 are glibc's own, which it keeps from programs.
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n", result.Output);
    }

    [Fact]
    public async Task DeathBySignalIs128AndTheSignal()
    {
        var child = ProcessSpawner.Spawn(new ProcessStart("sleep", "60"));
        Assert.True(child.Kill(Signal.Terminate));
        Assert.Equal(143, await child.Exited);
        Assert.False(child.Kill(Signal.Terminate));
    }

    [Fact]
    public async Task KillGroupReachesDescendants()
    {
        var file = Path.GetTempFileName();
        var child = ProcessSpawner.Spawn(new ProcessStart("sh", "-c", "sleep 60 & echo $! ; wait")
        {
            NewSession = true, Output = ChildStream.File(file),
        });
        await Until.True(() => File.ReadAllText(file).EndsWith('\n'));
        var grandchild = (await File.ReadAllTextAsync(file)).Trim();
        File.Delete(file);
        Assert.True(child.KillGroup(Signal.Kill));
        Assert.Equal(137, await child.Exited);
        await Until.True(() => Dead(grandchild));

        static bool Dead(string process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ");
            }
            catch (IOException)
            {
                // It is collected, perhaps between the opening and the reading.
                return true;
            }
        }
    }

    [Fact]
    public async Task TimeoutAndCancellationKill()
    {
        await Assert.ThrowsAsync<TimeoutException>(
            () => ProcessSpawner.Run(["sleep", "60"], timeout: TimeSpan.FromMilliseconds(50)));
        using var source = new CancellationTokenSource();
        var run = ProcessSpawner.Run(["sleep", "60"], cancellation: source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task ManyAtOnceAreAllCollected()
    {
        var runs = Enumerable.Range(0, 100)
            .Select(i => Task.Run(() => ProcessSpawner.Spawn(new ProcessStart("sh", "-c", $"exit {i}")).Exited));
        Assert.Equal(Enumerable.Range(0, 100), await Task.WhenAll(runs));
    }

    [Fact]
    public async Task OrphansAreAdoptedAndCollected()
    {
        Reaper.AdoptOrphans();
        var result = await ProcessSpawner.Run(["sh", "-c", "sleep 0.05 >/dev/null 2>&1 & echo $!"]);
        await Until.True(() => !Directory.Exists($"/proc/{result.Output.Trim()}"));
    }
}
