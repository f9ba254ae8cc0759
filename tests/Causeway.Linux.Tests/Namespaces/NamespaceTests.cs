using System.Net.Sockets;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Native;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Tests.Namespaces;

public sealed class NamespaceTests
{
    [Fact]
    public void ACreatedNamespaceIsSeenByTheToolAndHoldsOnlyLoopback()
    {
        using var ns = new TestNamespace();
        Assert.Contains("lo", ns.Run($"ip netns exec {ns.Name} ls /sys/class/net; ip netns list | grep {ns.Name}"));
        Assert.Equal("lo", ns.Run("ip -o link | cut -d: -f2").Trim());
    }

    [Fact]
    public void RunLeavesTheCallersNamespaceAlone()
    {
        using var ns = new TestNamespace();
        var before = NetworkNamespace.Identity(NetworkNamespace.Current);
        var inside = NetworkNamespace.Run(ns.Path, () => NetworkNamespace.Identity(NetworkNamespace.Current));
        Assert.Equal(NetworkNamespace.Identity(ns.Path), inside);
        Assert.NotEqual(before, inside);
        Assert.Equal(before, NetworkNamespace.Identity(NetworkNamespace.Current));
    }

    [Fact]
    public void ErrorsNameThePath()
    {
        using var ns = new TestNamespace();
        Assert.Contains(ns.Path, Assert.Throws<SystemCallException>(() => NetworkNamespace.Create(ns.Path)).Message);
        var missing = Assert.Throws<SystemCallException>(() => NetworkNamespace.Open("/run/netns/none"));
        Assert.Equal(
            "cannot open network namespace '/run/netns/none': No such file or directory (ENOENT)", missing.Message);
        Assert.Throws<SystemCallException>(() => NetworkNamespace.Run("/etc/hostname", () => 1));
        Assert.False(NetworkNamespace.Delete("/run/netns/none"));
    }

    [Fact]
    public void APoolThreadMayNotEnter()
    {
        using var ns = new TestNamespace();
        using var handle = NetworkNamespace.Open(ns.Path);
        Assert.Throws<InvalidOperationException>(() => NetworkNamespace.Enter(handle, ns.Path));
    }

    [Fact]
    public async Task AFileMountedOverAnotherIsSeenOnlyByTheThreadAndItsChildren()
    {
        var (source, target) = (Path.GetTempFileName(), Path.GetTempFileName());
        await File.WriteAllTextAsync(source, "inner");
        await File.WriteAllTextAsync(target, "outer");
        var run = NamespaceThread.Run(() =>
        {
            MountNamespace.Unshare();
            MountNamespace.Bind(source, target, readOnly: true);
            return ProcessSpawner.Run(["sh", "-c", $"cat {target}; echo no > {target}"]);
        });
        var result = await run;
        Assert.Equal("inner", result.Output);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal("outer", await File.ReadAllTextAsync(target));
        File.Delete(source);
        File.Delete(target);
    }

    [Fact]
    public async Task ASocketThatWaitsInsideLeavesNoThreadThere()
    {
        using var ns = new TestNamespace();
        var inside = NetworkNamespace.Identity(ns.Path);
        using var socket = NetworkNamespace.Run(ns.Path, () =>
        {
            var waiting = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            _ = waiting.ReceiveAsync(new ArraySegment<byte>(new byte[1])).ContinueWith(static t => t.Exception, TaskScheduler.Default);
            return waiting;
        });
        await NoThreadIn(inside);
    }

    [Fact]
    public async Task NoThreadOfTheProcessStaysInside()
    {
        using var ns = new TestNamespace();
        var inside = NetworkNamespace.Identity(ns.Path);
        var runs = Enumerable.Range(0, 40)
            .Select(_ => NetworkNamespace.Run(ns.Path, () => ProcessSpawner.Run(["true"]))).ToList();
        await Task.WhenAll(runs);
        var blocking = Enumerable.Range(0, 32).Select(_ => Task.Run(() => Thread.Yield())).ToList();
        await Task.WhenAll(blocking);
        await NoThreadIn(inside);
    }

    private static Task NoThreadIn(NamespaceIdentity inside) =>
        Until.True(() => Directory.GetDirectories("/proc/self/task").All(task =>
        {
            try
            {
                return NetworkNamespace.Identity($"{task}/ns/net") != inside;
            }
            catch (SystemCallException)
            {
                return true; // the thread has ended meanwhile
            }
        }));
}
