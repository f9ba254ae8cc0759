using System.Collections.Concurrent;
using System.Security.Cryptography;
using Causeway.Core;
using Causeway.Core.Wire.Cni;
using Causeway.Core.Wire.Netlink;
using Causeway.Lab.Objects;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Lab.Kubelet.Network;

/// <summary>How an attempt ended.</summary>
/// <param name="Sandbox">Null when it failed.</param>
/// <param name="Problem">The plugin's own words.</param>
/// <param name="Soon">The plugin asked to be called again (code 11).</param>
internal sealed record SandboxAttempt(
    PodSandbox? Sandbox, KnownAttachment Attachment, string? Problem = null, bool Soon = false);

/// <summary>Makes and unmakes pods' network namespaces and attaches them.</summary>
internal sealed class SandboxMaker(
    NodePlugins network, string namespaceDirectory, TimeProvider time, Action<string> onProblem) : IDisposable
{
    private const string IfName = "eth0";
    private const string NamePrefix = "cni-";
    private const int LoopbackIndex = 1;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, SafeFileHandle> _namespaces = new(StringComparer.Ordinal);

    /// <summary>Removes the names that an earlier kubelet left: they lead to its descriptors, whose numbers may be
    /// other files' by now, which a plugin would be sent into.</summary>
    public static void ForgetNames(string namespaceDirectory)
    {
        foreach (var name in Directory.EnumerateFileSystemEntries(namespaceDirectory, NamePrefix + "*"))
            File.Delete(name);
    }

    /// <summary>One attempt. What a failed one left is undone by
    /// <see cref="DeleteAsync(KnownAttachment, CancellationToken)"/>.</summary>
    public async Task<SandboxAttempt> CreateAsync(PodObject pod, CancellationToken cancel)
    {
        var id = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var path = Path.Combine(namespaceDirectory, NamePrefix + Guid.NewGuid());
        var attachment = new CniAttachment
        {
            ContainerId = id,
            Netns = path,
            IfName = IfName,
            Arguments = CniAttachment.KubernetesArguments(
                pod.Metadata.Namespace!, pod.Metadata.Name, id, pod.Metadata.Uid!),
            CapabilityArguments = PodCapabilities.Of(pod),
        };
        try
        {
            await Task.Run(() => CreateNamespace(path), cancel);
            var result = await network.AddAsync(attachment, cancel);
            return new(new(id, path, PodSandbox.AddressesOf(result, IfName)), new(attachment, null));
        }
        catch (Exception e) when (
            e is CniException or InputException or IOException or UnauthorizedAccessException)
        {
            var soon = e is CniException { Error.Code: CniErrorCode.TryAgainLater };
            return new(null, new(attachment, null), e.Message, soon);
        }
    }

    /// <summary>Undoes the attachment of a sandbox.</summary>
    public Task DeleteAsync(string id, CancellationToken cancel) =>
        network.Cache.Find(id, IfName) is { } known ? DeleteAsync(known, cancel) : Task.CompletedTask;

    /// <summary>Undoes what is known on disk of this container id, until it succeeds; then removes the
    /// namespace. The agent may be away for long.</summary>
    public async Task DeleteAsync(KnownAttachment known, CancellationToken cancel)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                // What is not on disk was never begun.
                if (network.Cache.Find(known.Attachment.ContainerId, IfName) is not null)
                    await network.DeleteAsync(known, cancel);
                DeleteNamespace(known.Attachment.Netns);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                onProblem($"{known.Attachment.ContainerId[..13]}: {e.Message}; tried again");
            }
            await Task.Delay(pause, time, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Namespaces that no process is in end.</summary>
    public void Dispose()
    {
        foreach (var handle in _namespaces.Values) handle.Dispose();
    }

    private void CreateNamespace(string path)
    {
        _namespaces[path] = NetworkNamespace.Hold(path, static () =>
        {
            using var socket = NetlinkSocket.Open();
            socket.Execute("set lo up", writer => LinkCodec.WriteSetUp(writer, LoopbackIndex, up: true));
        });
    }

    private void DeleteNamespace(string path)
    {
        File.Delete(path);
        if (_namespaces.TryRemove(path, out var handle)) handle.Dispose();
    }
}
