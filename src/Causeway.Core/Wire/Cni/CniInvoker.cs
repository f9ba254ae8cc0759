using System.Collections.Immutable;
using System.Text.Json;

namespace Causeway.Core.Wire.Cni;

/// <summary>
/// Runs a list of plugins as the specification's own library does (CNI specification 1.1.0, sections 3 and
/// 4): what each plugin gets and in which order. Processes and the cache of results are the caller's. Every
/// failure is a <see cref="CniException"/> whose message names the plugin and the verb.
/// </summary>
/// <param name="execute">Runs one plugin; invoked strictly one after the other.</param>
/// <param name="pluginPath">Folders of the executables, separated by colons: CNI_PATH.</param>
public sealed class CniInvoker(
    Func<CniInvocation, CancellationToken, Task<CniExit>> execute, string pluginPath)
{
    /// <summary>
    /// ADD through the list, each plugin with its predecessor's result. The result of the last is the
    /// attachment's: keep it for CHECK and DEL. After a failure the runtime is to call
    /// <see cref="DeleteAsync"/>, which undoes what the plugins before it did.
    /// </summary>
    public async Task<CniResult> AddAsync(NetworkList list, CniAttachment attachment, CancellationToken cancel)
    {
        Validate(attachment, needNetns: true);
        CniResult? result = null;
        foreach (var plugin in list.Plugins)
        {
            var output = await RunAsync("ADD", list, plugin, attachment, result, cancel);
            try
            {
                result = CniResultJson.Parse(output, list.CniVersion);
            }
            catch (CniException e)
            {
                throw Failure(plugin, "ADD", e.Error);
            }
        }
        return result!;
    }

    /// <summary>
    /// DEL in reverse order, stopping at the first failure: the runtime calls again.
    /// </summary>
    /// <param name="cached">The result of ADD; null when there is none.</param>
    public async Task DeleteAsync(
        NetworkList list, CniAttachment attachment, CniResult? cached, CancellationToken cancel)
    {
        Validate(attachment, needNetns: false);
        var previous = CniVersion.AtLeast(list.CniVersion, "0.4.0") ? cached : null;
        foreach (var plugin in list.Plugins.Reverse())
            await RunAsync("DEL", list, plugin, attachment, previous, cancel);
    }

    /// <summary>CHECK of each plugin against the cached result. Does nothing when the list disables
    /// it.</summary>
    public async Task CheckAsync(
        NetworkList list, CniAttachment attachment, CniResult cached, CancellationToken cancel)
    {
        if (!CniVersion.AtLeast(list.CniVersion, "0.4.0"))
            throw new CniException(
                CniErrorCode.IncompatibleVersion, $"version {list.CniVersion} of the list has no CHECK");
        if (list.DisableCheck) return;
        Validate(attachment, needNetns: true);
        foreach (var plugin in list.Plugins)
            await RunAsync("CHECK", list, plugin, attachment, cached, cancel);
    }

    /// <summary>
    /// GC of each plugin: whatever is not in <paramref name="valid"/> may go. Goes on after a failure and
    /// throws the first at the end. Does nothing before 1.1.0 or when the list disables it. Attachments that
    /// the runtime has cached and that are not valid are to be deleted with <see cref="DeleteAsync"/> first.
    /// </summary>
    public async Task CollectAsync(
        NetworkList list, IReadOnlyCollection<CniAttachmentId> valid, CancellationToken cancel)
    {
        if (list.DisableGc || !CniVersion.AtLeast(list.CniVersion, "1.1.0")) return;
        CniException? first = null;
        foreach (var plugin in list.Plugins)
        {
            try
            {
                var input = CniText.Write(w => WriteConfiguration(w, list, plugin, [], () => Write(w, valid)));
                await RunAsync(new("GC", plugin.Type, Environment("GC", null), input), plugin, cancel);
            }
            catch (CniException e)
            {
                first ??= e;
            }
        }
        if (first is not null) throw first;
    }

    /// <summary>STATUS of each plugin; throws the first refusal. Does nothing before 1.1.0.</summary>
    public async Task StatusAsync(NetworkList list, CancellationToken cancel)
    {
        if (!CniVersion.AtLeast(list.CniVersion, "1.1.0")) return;
        foreach (var plugin in list.Plugins)
        {
            var input = CniText.Write(w => WriteConfiguration(w, list, plugin, [], () => { }));
            await RunAsync(new("STATUS", plugin.Type, Environment("STATUS", null), input), plugin, cancel);
        }
    }

    /// <summary>What one plugin gets for ADD, CHECK or DEL.</summary>
    public CniInvocation Prepare(
        string verb, NetworkList list, NetworkPlugin plugin, CniAttachment attachment, CniResult? previous)
    {
        var supported = plugin.Capabilities.Where(attachment.CapabilityArguments.ContainsKey).ToImmutableArray();
        var input = CniText.Write(writer => WriteConfiguration(writer, list, plugin, ["prevResult"], () =>
        {
            if (previous is not null)
            {
                writer.WritePropertyName("prevResult");
                CniResultJson.Write(writer, previous, list.CniVersion);
            }
            if (supported.IsEmpty) return;
            writer.WriteStartObject("runtimeConfig");
            foreach (var capability in supported)
            {
                writer.WritePropertyName(capability);
                attachment.CapabilityArguments[capability].WriteTo(writer);
            }
            writer.WriteEndObject();
        }, replaceRuntime: !supported.IsEmpty));
        return new(verb, plugin.Type, Environment(verb, attachment), input);
    }

    private Task<string> RunAsync(
        string verb, NetworkList list, NetworkPlugin plugin, CniAttachment attachment, CniResult? previous,
        CancellationToken cancel) =>
        RunAsync(Prepare(verb, list, plugin, attachment, previous), plugin, cancel);

    private async Task<string> RunAsync(CniInvocation invocation, NetworkPlugin plugin, CancellationToken cancel)
    {
        var exit = await execute(invocation, cancel);
        if (exit.Code == 0) return exit.Output;
        var error = CniError.Parse(exit.Output) ?? new CniError(
            CniErrorCode.Agent, $"it ended with exit code {exit.Code} and said",
            exit.Output.Trim() is { Length: > 0 } said ? said
            : exit.ErrorOutput.Trim() is { Length: > 0 } complained ? complained
            : "nothing");
        throw Failure(plugin, invocation.Verb, error);
    }

    private static CniException Failure(NetworkPlugin plugin, string verb, CniError error) =>
        new(error with { Message = $"plugin {plugin.Type} failed ({verb}): {error.Message}" });

    private static void WriteConfiguration(
        Utf8JsonWriter writer, NetworkList list, NetworkPlugin plugin, ReadOnlySpan<string> drop, Action more,
        bool replaceRuntime = false)
    {
        writer.WriteStartObject();
        writer.WriteString("cniVersion", list.CniVersion);
        writer.WriteString("name", list.Name);
        foreach (var member in plugin.Configuration.EnumerateObject())
        {
            if (member.Name is "cniVersion" or "cniVersions" or "name") continue;
            if (drop.Contains(member.Name)) continue;
            if (member.Name == "runtimeConfig" && replaceRuntime) continue;
            member.WriteTo(writer);
        }
        more();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyCollection<CniAttachmentId> valid)
    {
        foreach (var key in (ReadOnlySpan<string>)["cni.dev/valid-attachments", "cni.dev/attachments"])
        {
            writer.WriteStartArray(key);
            foreach (var attachment in valid)
            {
                writer.WriteStartObject();
                writer.WriteString("containerID", attachment.ContainerId);
                writer.WriteString("ifname", attachment.IfName);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
    }

    private ImmutableArray<KeyValuePair<string, string>> Environment(string verb, CniAttachment? attachment) =>
        attachment is null
            ? [new("CNI_COMMAND", verb), new("CNI_PATH", pluginPath)]
            :
            [
                new("CNI_COMMAND", verb),
                new("CNI_CONTAINERID", attachment.ContainerId),
                new("CNI_NETNS", attachment.Netns),
                new("CNI_ARGS", string.Join(';', attachment.Arguments.Select(a => $"{a.Key}={a.Value}"))),
                new("CNI_IFNAME", attachment.IfName),
                new("CNI_PATH", pluginPath),
            ];

    private static void Validate(CniAttachment attachment, bool needNetns)
    {
        if (CniEnvironment.ContainerIdProblem(attachment.ContainerId) is { } id)
            throw CniEnvironment.Invalid("CNI_CONTAINERID", id);
        if (CniEnvironment.IfNameProblem(attachment.IfName) is { } name)
            throw CniEnvironment.Invalid("CNI_IFNAME", name);
        if (needNetns && attachment.Netns.Length == 0)
            throw CniEnvironment.Invalid("CNI_NETNS", "it is empty");
    }
}
