using System.Collections.Immutable;
using System.Text.Json;

namespace Causeway.Core.Wire.Cni;

/// <summary>What a runtime knows of one attachment: a pod's interface in one network.</summary>
public sealed record CniAttachment
{
    public required string ContainerId { get; init; }

    /// <summary>Path of the network namespace; empty on DEL when it is gone.</summary>
    public required string Netns { get; init; }

    public string IfName { get; init; } = "eth0";

    /// <summary>CNI_ARGS, in order.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Arguments { get; init; } = [];

    /// <summary>By capability (<c>portMappings</c>, <c>bandwidth</c>, ...): what its plugins get as
    /// runtimeConfig.</summary>
    public ImmutableDictionary<string, JsonElement> CapabilityArguments { get; init; } =
        ImmutableDictionary<string, JsonElement>.Empty;

    /// <summary>The arguments that kubelet's runtimes pass for a pod.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> KubernetesArguments(
        string ns, string pod, string containerId, string uid) =>
    [
        new("IgnoreUnknown", "1"),
        new("K8S_POD_NAMESPACE", ns),
        new("K8S_POD_NAME", pod),
        new("K8S_POD_INFRA_CONTAINER_ID", containerId),
        new("K8S_POD_UID", uid),
    ];
}

/// <summary>One run of a plugin: all that the process gets.</summary>
/// <param name="Plugin">The executable's name, to be looked up in the plugin path.</param>
/// <param name="Environment">The CNI_ variables; the process inherits the rest.</param>
public sealed record CniInvocation(
    string Verb, string Plugin, ImmutableArray<KeyValuePair<string, string>> Environment, string Input);

/// <summary>How a run ended.</summary>
public sealed record CniExit(int Code, string Output, string ErrorOutput = "");
