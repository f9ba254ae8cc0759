using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Trace;

namespace Causeway.Trace;

/// <summary>The agents' records of the pods on their nodes.</summary>
internal static class EndpointFiles
{
    /// <summary>Records by <c>namespace/name</c>. Those that cannot be read are left out: the agent is writing them.</summary>
    public static SortedDictionary<string, EndpointRecord> Read(IEnumerable<string> runDirectories)
    {
        var found = new SortedDictionary<string, EndpointRecord>(StringComparer.Ordinal);
        foreach (var directory in runDirectories.Select(d => Path.Combine(d, "endpoints")).Where(Directory.Exists))
            foreach (var file in Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))
                if (TryRead(file) is { Pod: { } pod } record) found[$"{record.Namespace}/{pod}"] = record;
        return found;
    }

    public static PodAttachment AttachmentOf(EndpointRecord record) => new(
        record.Node, record.HostDevice, record.IfName,
        [.. record.Addresses.Where(a => IpAddress.TryParse(a, out _)).Select(a => IpAddress.Parse(a))]);

    private static EndpointRecord? TryRead(string file)
    {
        try
        {
            return EndpointRecord.Parse(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
