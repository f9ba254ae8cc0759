using Causeway.Core.Naming.Answering;
using Causeway.Core.Naming.Configuration;

namespace Causeway.Dns;

/// <summary>The hosts that stand in the configuration, and those of a file, which is looked at again now and then.</summary>
internal sealed class HostsFile(HostsSettings settings, TimeProvider time)
{
    private readonly Lock _gate = new();
    private HostsTable? _table;
    private DateTime _written;
    private long _looked;

    public HostsTable Table()
    {
        lock (_gate)
        {
            var due = _table is null || (settings.Reload > TimeSpan.Zero && settings.File is not null
                && time.GetElapsedTime(_looked) > settings.Reload);
            if (!due) return _table!;
            _looked = time.GetTimestamp();
            var written = settings.File is { } file ? File.GetLastWriteTimeUtc(file) : default;
            if (_table is not null && written == _written) return _table;
            _written = written;
            return _table = new([.. settings.Lines, .. Lines()]);
        }
    }

    private string[] Lines()
    {
        try
        {
            return settings.File is { } file ? File.ReadAllLines(file) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not there yet: it is looked for again.
            return [];
        }
    }
}
