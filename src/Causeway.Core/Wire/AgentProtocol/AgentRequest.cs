using System.Collections.Immutable;
using System.Text.Json;
using Causeway.Core.Addressing;
using Causeway.Core.Cluster;
using Causeway.Core.Wire.Cni;

namespace Causeway.Core.Wire.AgentProtocol;

/// <summary>What the plugin asks of the agent.</summary>
public enum AgentOperation
{
    /// <summary>Addresses for a pod's interface. They are the pod's only once committed on the same
    /// connection.</summary>
    Add,

    /// <summary>The host's end is up: make the pod reachable, while the plugin sets up the pod's end. Not
    /// answered.</summary>
    Install,

    /// <summary>The interface stands: remember it, once the pod is reachable.</summary>
    Commit,

    /// <summary>The interface goes.</summary>
    Delete,

    /// <summary>What the agent remembers of an interface, after it looked whether its own part still
    /// stands.</summary>
    Check,

    /// <summary>Whether an ADD could be served now.</summary>
    Status,

    /// <summary>Whatever is not in <see cref="AgentRequest.Valid"/> goes.</summary>
    Collect,
}

/// <summary>One line from the plugin to the agent.</summary>
public sealed record AgentRequest
{
    public required AgentOperation Operation { get; init; }

    public string ContainerId { get; init; } = "";

    public string IfName { get; init; } = "";

    /// <summary>Path of the pod's network namespace; may be empty for Delete.</summary>
    public string Netns { get; init; } = "";

    /// <summary>The pod's Kubernetes namespace; null when the runtime named no pod, as the next
    /// two.</summary>
    public string? Namespace { get; init; }

    public string? Pod { get; init; }

    public string? PodUid { get; init; }

    /// <summary>Add: addresses that the runtime wants, at most one of each family.</summary>
    public ImmutableArray<IpAddress> Ips { get; init; } = [];

    /// <summary>Add: the MAC address that the runtime wants for the pod's end.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>Collect: the attachments in use.</summary>
    public ImmutableArray<CniAttachmentId> Valid { get; init; } = [];

    public string Handle => EndpointDevice.HandleOf(ContainerId, IfName);

    /// <summary>One line of JSON, without its end.</summary>
    public string Print() => CniText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("op", Word(Operation));
        writer.OptionalString("containerId", ContainerId);
        writer.OptionalString("ifName", IfName);
        writer.OptionalString("netns", Netns);
        writer.OptionalString("namespace", Namespace);
        writer.OptionalString("pod", Pod);
        writer.OptionalString("podUid", PodUid);
        writer.StringArray("ips", [.. Ips.Select(ip => ip.ToString())]);
        writer.OptionalString("mac", Mac?.ToString());
        writer.StringArray("valid", [.. Valid.Select(v => EndpointDevice.HandleOf(v.ContainerId, v.IfName))]);
        writer.WriteEndObject();
    });

    /// <summary>Throws <see cref="CniException"/> with code 6 or 7.</summary>
    public static AgentRequest Parse(ReadOnlySpan<byte> line)
    {
        var json = AgentLine.Read(line);
        var operation = OperationOf(json.OptionalString("op", "") ?? "");
        var request = new AgentRequest
        {
            Operation = operation,
            ContainerId = json.OptionalString("containerId", "") ?? "",
            IfName = json.OptionalString("ifName", "") ?? "",
            Netns = json.OptionalString("netns", "") ?? "",
            Namespace = json.OptionalString("namespace", ""),
            Pod = json.OptionalString("pod", ""),
            PodUid = json.OptionalString("podUid", ""),
            Ips = [.. json.Strings("ips", "").Select(ip => AgentLine.Address(ip, "ips"))],
            Mac = json.OptionalString("mac", "") is { } mac ? AgentLine.Mac(mac, "mac") : null,
            Valid = [.. json.Strings("valid", "").Select(Attachment)],
        };
        if (operation is not (AgentOperation.Add or AgentOperation.Delete or AgentOperation.Check)) return request;
        // The id becomes part of names in the API: it is checked on this side of the socket too.
        if (CniEnvironment.ContainerIdProblem(request.ContainerId) is { } id) throw CniText.Invalid("containerId", id);
        if (CniEnvironment.IfNameProblem(request.IfName) is { } name) throw CniText.Invalid("ifName", name);
        return request;
    }

    private static string Word(AgentOperation operation) => operation switch
    {
        AgentOperation.Add => "add",
        AgentOperation.Install => "install",
        AgentOperation.Commit => "commit",
        AgentOperation.Delete => "del",
        AgentOperation.Check => "check",
        AgentOperation.Status => "status",
        _ => "gc",
    };

    private static AgentOperation OperationOf(string word)
    {
        foreach (var operation in (ReadOnlySpan<AgentOperation>)
            [AgentOperation.Add, AgentOperation.Install, AgentOperation.Commit, AgentOperation.Delete,
                AgentOperation.Check, AgentOperation.Status, AgentOperation.Collect])
        {
            if (Word(operation) == word) return operation;
        }
        throw CniText.Invalid("op", $"'{word}' is not an operation");
    }

    private static CniAttachmentId Attachment(string handle)
    {
        var slash = handle.IndexOf('/');
        return slash > 0 && slash < handle.Length - 1
            ? new(handle[..slash], handle[(slash + 1)..])
            : throw CniText.Invalid("valid", $"'{handle}' is not CONTAINER-ID/IFNAME");
    }
}
