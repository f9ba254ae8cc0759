using System.Threading.Channels;
using Causeway.Lab.Events;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Volumes;

/// <summary>A volume on the machine.</summary>
/// <param name="ReadOnly">For its containers: only the kubelet writes to it.</param>
internal sealed record PodVolume(string Path, bool ReadOnly);

/// <summary>One pod's volumes: made before its containers start, and kept as the objects are that they show.</summary>
internal sealed class PodVolumes
{
    private const UnixFileMode ForAll = (UnixFileMode)0b111_111_111;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    private readonly KubeletContext _context;
    private readonly string _node;
    private readonly string _directory;
    private readonly IReadOnlyList<VolumeSpec> _specs;
    private readonly Dictionary<string, VolumeDirectory> _made = [];
    private readonly Dictionary<string, PodVolume> _volumes = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PodTokens _tokens;
    private PodObject _pod;

    /// <param name="directory">Of this pod's volumes alone; made when there are any.</param>
    public PodVolumes(KubeletContext context, string node, PodObject pod, string directory)
    {
        (_context, _node, _pod, _directory) = (context, node, pod, directory);
        _specs = pod.Spec?.Volumes ?? [];
        _tokens = new(context, pod);
    }

    public PodVolume? Find(string name) => _volumes.GetValueOrDefault(name);

    /// <summary>A newer version of the pod: its labels and annotations may be shown.</summary>
    public void Update(PodObject pod)
    {
        Volatile.Write(ref _pod, pod);
        Wake();
    }

    /// <summary>Tries until everything is there, telling what is missing; false when the pod is to end before.</summary>
    public async Task<bool> SetUpAsync(CancellationToken stop)
    {
        if (_specs.Count == 0) return true;
        using var following = Follow();
        string? told = null;
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            if (await SetUpOnceAsync(stop) is not { } fault) return !stop.IsCancellationRequested;
            if (fault != told) _context.Tell(_pod, _node, EventNote.Warning, "FailedMount", told = fault);
            await NewsAsync(pause, stop);
            pause = pause * 2 < LookAgain ? pause * 2 : LookAgain;
        }
        return false;
    }

    /// <summary>Follows what the volumes show, until told to stop. What goes missing leaves the files as they are.</summary>
    public async Task KeepAsync(CancellationToken stop)
    {
        if (_made.Count == 0) return;
        using var following = Follow();
        while (!stop.IsCancellationRequested)
        {
            if (await SetUpOnceAsync(stop) is { } fault)
                _context.Tell(_pod, _node, EventNote.Warning, "FailedMount", fault);
            await NewsAsync(LookAgain, stop);
        }
    }

    /// <summary>Null when all is there, or the pod is to end.</summary>
    private async Task<string?> SetUpOnceAsync(CancellationToken stop)
    {
        try
        {
            var late = await _tokens.RenewAsync(stop);
            // A token that cannot be renewed now is good for a while.
            return SetUp() is { } fault ? fault.Replace(VolumeContent.NoToken, late, StringComparison.Ordinal) : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private string? SetUp()
    {
        var pod = Volatile.Read(ref _pod);
        var inputs = new VolumeInputs(
            new PodFacts(pod, _node, [], []), _context.Sources.In(pod.Metadata.Namespace!), _tokens.Find);
        foreach (var spec in _specs)
        {
            string? fault;
            try
            {
                fault = SetUp(spec, inputs);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                fault = e.Message;
            }
            if (fault is not null) return $"MountVolume.SetUp failed for volume \"{spec.Name}\" : {fault}";
        }
        return null;
    }

    private string? SetUp(VolumeSpec spec, VolumeInputs inputs)
    {
        var path = Path.Combine(_directory, spec.Name);
        if (VolumeContent.IsMade(spec))
        {
            var payload = VolumeContent.Of(spec, inputs);
            if (payload.Fault is not null) return payload.Fault;
            if (!_made.TryGetValue(spec.Name, out var made)) _made[spec.Name] = made = new(path, _context.Time);
            made.Write(payload.Files);
            _volumes[spec.Name] = new(path, ReadOnly: true);
        }
        else if (spec.EmptyDir is not null)
        {
            if (_volumes.TryAdd(spec.Name, new(path, ReadOnly: false)))
                Directory.CreateDirectory(path).UnixFileMode = ForAll;
        }
        else if (spec.HostPath is { } host)
        {
            if (!Path.Exists(host.Path)) return $"hostPath type check failed: {host.Path} does not exist";
            _volumes[spec.Name] = new(host.Path, ReadOnly: false);
        }
        else
        {
            return "this lab has configMap, secret, downwardAPI, projected, emptyDir and hostPath volumes alone";
        }
        return null;
    }

    private IDisposable Follow() => _context.Sources.Follow(_pod.Metadata.Namespace!, Wake);

    private async Task NewsAsync(TimeSpan patience, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(
            _news.Reader.WaitToReadAsync(over.Token).AsTask(), Task.Delay(patience, _context.Time, over.Token));
        await over.CancelAsync();
        _news.Reader.TryRead(out _);
    }

    private void Wake() => _news.Writer.TryWrite(true);
}
