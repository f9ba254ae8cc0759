namespace Causeway.Agent.Endpoints;

/// <summary>
/// Host devices that are being deleted. The kernel takes some 16 ms for each, while it waits for every reader
/// of the device to finish; a pod's DELETE does not wait for that, but an ADD that needs the same name does.
/// </summary>
internal sealed class DeviceDeletions(Func<string, CancellationToken, Task> delete, Action<string> log)
{
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    public void Begin(string device)
    {
        lock (_running)
        {
            var before = _running.GetValueOrDefault(device, Task.CompletedTask);
            var deletion = Task.Run(() => DeleteAsync(device, before));
            _running[device] = deletion;
            _ = deletion.ContinueWith(_ => Forget(device, deletion), TaskScheduler.Default);
        }
    }

    /// <summary>Done when no deletion of this device is under way.</summary>
    public Task Finished(string device)
    {
        lock (_running) return _running.GetValueOrDefault(device, Task.CompletedTask);
    }

    public Task AllFinished()
    {
        lock (_running) return Task.WhenAll(_running.Values);
    }

    private async Task DeleteAsync(string device, Task before)
    {
        await before;
        try
        {
            await delete(device, CancellationToken.None);
        }
        catch (Exception e)
        {
            // The next resync finds a device without an endpoint and tries again.
            log($"cannot delete host device {device}: {e.Message}");
        }
    }

    private void Forget(string device, Task deletion)
    {
        lock (_running)
        {
            if (_running.GetValueOrDefault(device) == deletion) _running.Remove(device);
        }
    }
}
