using System.Collections;
using Causeway.Core;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Namespaces;
using Causeway.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Lab.Kubelet.Network;

/// <summary>
/// A node's CNI: its configuration, and the plugins run in the node's network namespace as a container
/// runtime runs them. Every failure is a <see cref="CniException"/>, an <see cref="InputException"/> for the
/// configuration.
/// </summary>
internal sealed class NodePlugins : IDisposable
{
    private static readonly TimeSpan PluginTimeout = TimeSpan.FromSeconds(60);

    private readonly KubeletNode _node;
    private readonly SemaphoreSlim _gate;
    private readonly SafeFileHandle _namespace;
    private readonly CniInvoker _invoker;

    /// <param name="gate">Bounds how many plugins run at one time, over all nodes.</param>
    public NodePlugins(KubeletNode node, SemaphoreSlim gate, AttachmentCache cache)
    {
        _node = node;
        _gate = gate;
        Cache = cache;
        _namespace = NetworkNamespace.Open(node.NetworkNamespace);
        _invoker = new CniInvoker(ExecuteAsync, string.Join(':', node.CniBinaries));
    }

    public AttachmentCache Cache { get; }

    /// <summary>Why no pod can get a network now; null when one can.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancel)
    {
        try
        {
            await _invoker.StatusAsync(Configuration(), cancel);
            return null;
        }
        catch (Exception e) when (
            e is CniException or InputException or IOException or UnauthorizedAccessException)
        {
            return "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                + $"message:Network plugin returns error: cni plugin not initialized ({e.Message})";
        }
    }

    /// <summary>ADD; on disk before it begins, and with its result after.</summary>
    public async Task<CniResult> AddAsync(CniAttachment attachment, CancellationToken cancel)
    {
        var list = Configuration();
        Cache.Write(new(attachment, null));
        var result = await _invoker.AddAsync(list, attachment, cancel);
        Cache.Write(new(attachment, CniResultJson.Print(result, list.CniVersion)));
        return result;
    }

    /// <summary>DEL with the kept result; forgets the attachment once it is gone.</summary>
    public async Task DeleteAsync(KnownAttachment known, CancellationToken cancel)
    {
        var list = Configuration();
        var result = known.Result is { } text ? CniResultJson.Parse(text, list.CniVersion) : null;
        var attachment = File.Exists(known.Attachment.Netns)
            ? known.Attachment
            : known.Attachment with { Netns = "" };
        await _invoker.DeleteAsync(list, attachment, result, cancel);
        Cache.Remove(known.Attachment);
    }

    /// <summary>GC: nothing but these attachments is valid on this node.</summary>
    public Task CollectAsync(IReadOnlyCollection<CniAttachmentId> valid, CancellationToken cancel) =>
        _invoker.CollectAsync(Configuration(), valid, cancel);

    public void Dispose() => _namespace.Dispose();

    private NetworkList Configuration()
    {
        var path = _node.CniConfiguration;
        if (Directory.Exists(path))
            path = Directory.EnumerateFiles(path)
                .Where(f => f.EndsWith(".conflist", StringComparison.Ordinal)
                    || f.EndsWith(".conf", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal).FirstOrDefault()
                ?? throw new InputException($"no networks found in {path}");
        if (!File.Exists(path)) throw new InputException($"no networks found: {path} does not exist");
        return NetworkList.Parse(File.ReadAllText(path), path);
    }

    private async Task<CniExit> ExecuteAsync(CniInvocation invocation, CancellationToken cancel)
    {
        var program = _node.CniBinaries.Select(folder => Path.Combine(folder, invocation.Plugin))
            .FirstOrDefault(File.Exists)
            ?? throw new CniException(
                CniErrorCode.InvalidConfiguration, $"failed to find plugin \"{invocation.Plugin}\" in path "
                + $"[{string.Join(' ', _node.CniBinaries)}]");
        // The public plugins are in Go, whose runtime prepares for all processors; a lab starts hundreds on few.
        var environment = new Dictionary<string, string> { ["GOMAXPROCS"] = "1" };
        foreach (DictionaryEntry own in Environment.GetEnvironmentVariables())
            environment[(string)own.Key] = (string?)own.Value ?? "";
        foreach (var (name, value) in invocation.Environment) environment[name] = value;
        var start = new ProcessStart(program) { Environment = environment };
        await _gate.WaitAsync(cancel);
        try
        {
            var result = await ProcessSpawner.RunIn(
                _namespace, _node.NetworkNamespace, start, invocation.Input, PluginTimeout, cancel);
            return new(result.ExitCode, result.Output, result.Error);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            throw new CniException(CniErrorCode.Io,
                $"plugin {invocation.Plugin} ({invocation.Verb}): {e.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }
}
