using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;

namespace Causeway.Linux.Tests.Namespaces;

public sealed class MountPointsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causeway-mounts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_missing_directory_is_made_in_sight_of_the_thread_alone_and_its_neighbours_stay()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "volume"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "volume", "file"), "content");
        var etc = Directory.CreateDirectory(Path.Combine(_folder, "etc", "conf.d")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(etc, "passwd"), "root");
        await File.WriteAllTextAsync(Path.Combine(etc, "conf.d", "a"), "A");
        File.CreateSymbolicLink(Path.Combine(etc, "link"), "passwd");
        var target = Path.Combine(etc, "coredns", "more");
        var result = await InsideAsync(
            points =>
            {
                points.Ensure(target, directory: true);
                MountNamespace.Bind(Path.Combine(_folder, "volume"), target);
            },
            $"cd {etc}; cat coredns/more/file passwd conf.d/a link; readlink link; echo x > new; ls");
        Assert.Equal("contentrootArootpasswd\nconf.d\ncoredns\nlink\nnew\npasswd\n", result);
        Assert.Equal(["conf.d", "link", "passwd"], Directory.GetFileSystemEntries(etc).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task The_root_itself_can_be_given_a_directory()
    {
        var name = "/causeway-" + Path.GetFileName(_folder);
        var result = await InsideAsync(
            points =>
            {
                points.Ensure(name, directory: true);
                points.Ensure(name + "-file", directory: false);
                MountNamespace.Bind(_folder, name);
            },
            $"cd {name} && : > inside && ls -A / && test -d /proc/1 && test -x /bin/sh && cat {name}-file");
        Assert.Contains($"{name[1..]}\n", result);
        foreach (var entry in Directory.GetFileSystemEntries("/"))
            Assert.Contains($"{Path.GetFileName(entry)}\n", result);
        Assert.False(Directory.Exists(name));
        Assert.True(File.Exists(Path.Combine(_folder, "inside")));
    }

    [Fact]
    public void What_is_of_the_other_kind_is_refused()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var points = new MountPoints();
        Assert.Contains(file, Assert.Throws<IOException>(() => points.Ensure(file, directory: true)).Message);
        Assert.Contains(_folder, Assert.Throws<IOException>(() => points.Ensure(_folder, directory: false)).Message);
    }

    private static async Task<string> InsideAsync(Action<MountPoints> prepare, string script)
    {
        var run = NamespaceThread.Run(() =>
        {
            MountNamespace.Unshare();
            MountNamespace.MakePrivate("/");
            prepare(new());
            return ProcessSpawner.Run(["sh", "-ec", script]);
        });
        var result = await run;
        Assert.True(result.Succeeded, result.Error);
        return result.Output;
    }
}
