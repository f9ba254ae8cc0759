using System.Collections.Immutable;
using System.Text;
using Causeway.Core.Cluster;

namespace Causeway.Agent.Endpoints;

/// <summary>
/// The committed endpoints of this node: in memory, and one file each in <c>RUN-DIR/endpoints</c>, so that a
/// restarted agent knows them without the API. Safe for use from several threads.
/// </summary>
internal sealed class EndpointStore
{
    private const string Extension = ".json";
    private const string Unfinished = ".new";

    private readonly string _directory;
    private readonly Lock _lock = new();
    private ImmutableDictionary<string, EndpointRecord> _byHandle;

    private EndpointStore(string directory, ImmutableDictionary<string, EndpointRecord> byHandle)
    {
        _directory = directory;
        _byHandle = byHandle;
    }

    /// <summary>Reads what is there. A file that cannot be read is named in the log and passed over: what it
    /// said is in IPAM too, see <see cref="Missing"/>.</summary>
    public static EndpointStore Open(string runDirectory, Action<string> log)
    {
        var directory = Path.Combine(runDirectory, "endpoints");
        const UnixFileMode OwnerOnly =
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(directory, OwnerOnly);
        foreach (var file in Directory.EnumerateFiles(directory, "*" + Unfinished)) File.Delete(file);
        var records = ImmutableDictionary.CreateBuilder<string, EndpointRecord>(StringComparer.Ordinal);
        var files = Directory.EnumerateFiles(directory, "*" + Extension).Order(StringComparer.Ordinal);
        foreach (var file in files)
        {
            try
            {
                var record = EndpointRecord.Parse(File.ReadAllBytes(file));
                if (EndpointDevice.KeyOf(record.Handle) != Path.GetFileNameWithoutExtension(file))
                    throw new FormatException(
                        $"it holds the record of '{record.Handle}', which belongs elsewhere");
                records[record.Handle] = record;
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                log($"endpoint record {file} is ignored: {e.Message}");
            }
        }
        return new EndpointStore(directory, records.ToImmutable());
    }

    /// <summary>All endpoints by handle, as of now.</summary>
    public ImmutableDictionary<string, EndpointRecord> All => Volatile.Read(ref _byHandle);

    public EndpointRecord? Find(string handle) => All.GetValueOrDefault(handle);

    /// <summary>Remembers an endpoint: after a crash either all of it is there or nothing.</summary>
    public void Put(EndpointRecord record)
    {
        lock (_lock)
        {
            var path = PathOf(record.Handle);
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var file = new FileStream(path + Unfinished, options))
                file.Write(Encoding.UTF8.GetBytes(record.ToJson()));
            File.Move(path + Unfinished, path, overwrite: true);
            _byHandle = _byHandle.SetItem(record.Handle, record);
        }
    }

    /// <summary>Forgets an endpoint; one that is not there is no error.</summary>
    public void Remove(string handle)
    {
        lock (_lock)
        {
            File.Delete(PathOf(handle));
            _byHandle = _byHandle.Remove(handle);
        }
    }

    /// <summary>
    /// Records for pods that have addresses on this node and none here: their files were lost or unreadable.
    /// What only the file knew (namespace path, MAC address) is empty.
    /// </summary>
    public ImmutableArray<EndpointRecord> Missing(IEnumerable<IpamAllocation> allocations, string node) =>
    [
        .. allocations
            .Where(a => a.Node == node && TunnelHandle.NodeOf(a.Handle) is null && a.Handle.Contains('/'))
            .GroupBy(a => a.Handle)
            .Where(pod => Find(pod.Key) is null)
            .Select(pod => Rebuild(pod.Key, [.. pod], node)),
    ];

    private static EndpointRecord Rebuild(string handle, ImmutableArray<IpamAllocation> pod, string node)
    {
        var slash = handle.LastIndexOf('/');
        return new EndpointRecord
        {
            Handle = handle,
            ContainerId = handle[..slash],
            IfName = handle[(slash + 1)..],
            Netns = "",
            HostDevice = EndpointDevice.NameOf(handle),
            Addresses = [.. pod.Select(a => a.Address).OrderBy(a => a.Contains(':'))],
            Mac = "",
            Namespace = pod[0].Namespace,
            Pod = pod[0].Pod,
            PodUid = pod[0].PodUid,
            Node = node,
        };
    }

    private string PathOf(string handle) =>
        Path.Combine(_directory, EndpointDevice.KeyOf(handle) + Extension);
}
