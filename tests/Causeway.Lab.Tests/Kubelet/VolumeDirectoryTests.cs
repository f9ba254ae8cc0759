using System.Text;
using Causeway.Lab.Kubelet.Volumes;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class VolumeDirectoryTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("causeway-volume-").FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void Files_lead_through_data_and_are_exchanged_at_once()
    {
        var volume = new VolumeDirectory(_path, TimeProvider.System);
        Assert.True(volume.Write(Files(("a", "1"), ("dir/b", "2"))));
        var data = new FileInfo(Path.Combine(_path, "..data"));
        var first = data.LinkTarget!;
        Assert.Equal("..data/a", new FileInfo(Path.Combine(_path, "a")).LinkTarget);
        Assert.Equal("..data/dir", new FileInfo(Path.Combine(_path, "dir")).LinkTarget);
        Assert.Equal("2", File.ReadAllText(Path.Combine(_path, "dir", "b")));
        Assert.Equal((UnixFileMode)0b100_100_000, File.GetUnixFileMode(Path.Combine(_path, first, "a")));

        Assert.False(volume.Write(Files(("a", "1"), ("dir/b", "2"))));
        Assert.True(volume.Write(Files(("a", "3"), ("c", "4"))));
        Assert.NotEqual(first, new FileInfo(Path.Combine(_path, "..data")).LinkTarget);
        Assert.Equal("34", File.ReadAllText(Path.Combine(_path, "a")) + File.ReadAllText(Path.Combine(_path, "c")));
        Assert.Equal(
            ["..data", "a", "c"],
            Directory.GetFileSystemEntries(_path).Select(Path.GetFileName).Where(n => n is "..data" || n![0] != '.').Order());
        Assert.False(Directory.Exists(Path.Combine(_path, first)));
    }

    private static Dictionary<string, VolumeFile> Files(params (string Path, string Text)[] files) =>
        files.ToDictionary(f => f.Path, f => new VolumeFile(Encoding.UTF8.GetBytes(f.Text), 0b100_100_000));
}
