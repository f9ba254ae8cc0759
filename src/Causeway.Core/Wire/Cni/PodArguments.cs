namespace Causeway.Core.Wire.Cni;

/// <summary>The pod, as Kubernetes runtimes say it in CNI_ARGS. Null where they do not.</summary>
public sealed record PodArguments(
    string? Namespace = null, string? Name = null, string? InfraContainerId = null, string? Uid = null)
{
    public static readonly PodArguments None = new();

    /// <summary>
    /// <c>K8S_POD_NAMESPACE=a;K8S_POD_NAME=b;...</c>. A key that is not known is an error unless
    /// <c>IgnoreUnknown</c> is 1 or true. Throws <see cref="CniException"/> with code 4.
    /// </summary>
    public static PodArguments Parse(string text)
    {
        var pod = None;
        string? unknown = null;
        var ignoreUnknown = false;
        foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var separator = pair.IndexOf('=');
            if (separator <= 0)
                throw CniEnvironment.Invalid(
                    "CNI_ARGS", $"'{pair}' is not KEY=VALUE; pairs are separated by ';'");
            var key = pair[..separator];
            var value = pair[(separator + 1)..];
            switch (key)
            {
                case "IgnoreUnknown": ignoreUnknown = ReadFlag(value); break;
                case "K8S_POD_NAMESPACE": pod = pod with { Namespace = value }; break;
                case "K8S_POD_NAME": pod = pod with { Name = value }; break;
                case "K8S_POD_INFRA_CONTAINER_ID": pod = pod with { InfraContainerId = value }; break;
                case "K8S_POD_UID": pod = pod with { Uid = value }; break;
                default: unknown ??= key; break;
            }
        }
        if (unknown is not null && !ignoreUnknown)
            throw CniEnvironment.Invalid(
                "CNI_ARGS", $"'{unknown}' is not known here; pass IgnoreUnknown=1 to allow it");
        return pod;
    }

    private static bool ReadFlag(string value) => value switch
    {
        "1" or "true" or "True" or "TRUE" or "t" or "T" => true,
        "0" or "false" or "False" or "FALSE" or "f" or "F" => false,
        _ => throw CniEnvironment.Invalid("CNI_ARGS", $"IgnoreUnknown is 1 or 0, not '{value}'"),
    };
}
