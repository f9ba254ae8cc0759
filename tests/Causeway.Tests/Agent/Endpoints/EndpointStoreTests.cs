using Causeway.Agent.Endpoints;
using Causeway.Core.Cluster;

namespace Causeway.Tests.Agent.Endpoints;

public sealed class EndpointStoreTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("causeway-endpoints-").FullName;
    private readonly List<string> _log = [];

    private string Records => Path.Combine(_run, "endpoints");

    public void Dispose() => Directory.Delete(_run, recursive: true);

    [Fact]
    public void What_is_put_is_there_after_a_restart_and_what_is_removed_is_not()
    {
        var store = Open();
        var (a, b) = (Record("a/eth0", "10.0.0.1", "fd00::1"), Record("b/eth0", "10.0.0.2"));
        store.Put(a);
        store.Put(b);
        store.Remove("b/eth0");
        store.Remove("never/eth0");
        foreach (var seen in new[] { store, Open() })
        {
            Assert.Equal(["a/eth0"], seen.All.Keys);
            Assert.Equal(a.ToJson(), seen.Find("a/eth0")!.ToJson());
            Assert.Null(seen.Find("b/eth0"));
        }
        Assert.Empty(_log);
    }

    [Fact]
    public void A_record_that_is_put_again_is_replaced()
    {
        var store = Open();
        store.Put(Record("a/eth0", "10.0.0.1"));
        store.Put(Record("a/eth0", "10.0.0.9"));
        Assert.Equal(["10.0.0.9"], Open().Find("a/eth0")!.Addresses);
        Assert.Single(Directory.GetFiles(Records));
    }

    [Fact]
    public void Only_the_owner_may_read()
    {
        Open().Put(Record("a/eth0", "10.0.0.1"));
        const UnixFileMode Others = (UnixFileMode)0b_000_111_111;
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(Records) & Others);
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(Directory.GetFiles(Records).Single()) & Others);
    }

    [Fact]
    public void A_damaged_or_misplaced_file_is_named_and_passed_over_and_half_a_write_is_swept()
    {
        Open().Put(Record("a/eth0", "10.0.0.1"));
        var good = Directory.GetFiles(Records).Single();
        File.Copy(good, Path.Combine(Records, "0000000000.json"));
        File.WriteAllText(Path.Combine(Records, "1111111111.json"), """{"handle":"b/eth0","addre""");
        File.WriteAllText(Path.Combine(Records, "2222222222.json.new"), "{");
        Assert.Equal(["a/eth0"], Open().All.Keys);
        Assert.Equal(2, _log.Count);
        Assert.Contains(_log, l => l.Contains("0000000000.json", StringComparison.Ordinal));
        Assert.Contains(_log, l => l.Contains("1111111111.json", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(Records, "*.new"));
    }

    [Fact]
    public void What_the_API_knows_and_the_disk_does_not_is_rebuilt()
    {
        var store = Open();
        store.Put(Record("kept/eth0", "10.0.0.1"));
        IpamAllocation[] allocations =
        [
            new("10.0.0.1", "kept/eth0", "n1", 1, "default", "kept"),
            new("fd00::2", "lost/eth0", "n1", 2, "default", "lost", "uid"),
            new("10.0.0.2", "lost/eth0", "n1", 3, "default", "lost", "uid"),
            new("10.0.0.3", "far/eth0", "n2", 4, "default", "far"),
            new("10.0.0.4", "tunnel-n1", "n1", 5),
        ];
        var lost = Assert.Single(store.Missing(allocations, "n1"));
        Assert.Equal(("lost", "eth0", "lost", "uid"), (lost.ContainerId, lost.IfName, lost.Pod, lost.PodUid));
        Assert.Equal(["10.0.0.2", "fd00::2"], lost.Addresses);
        Assert.Equal(EndpointDevice.NameOf("lost/eth0"), lost.HostDevice);
    }

    private EndpointStore Open() => EndpointStore.Open(_run, _log.Add);

    private static EndpointRecord Record(string handle, params string[] addresses) => new()
    {
        Handle = handle,
        ContainerId = handle.Split('/')[0],
        IfName = handle.Split('/')[1],
        Netns = "/run/netns/x",
        HostDevice = EndpointDevice.NameOf(handle),
        Addresses = addresses,
        Mac = "02:00:00:00:00:01",
        Node = "n1",
    };
}
