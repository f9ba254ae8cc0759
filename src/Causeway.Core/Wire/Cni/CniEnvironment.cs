using System.Collections.Immutable;
using System.Text;
using Causeway.Core.Cluster;

namespace Causeway.Core.Wire.Cni;

/// <summary>The parameters that a runtime passes in environment variables (CNI specification 1.1.0, section
/// 2).</summary>
/// <param name="Command">The verb, in capitals.</param>
/// <param name="Netns">Path of the pod's network namespace; empty where the verb needs none.</param>
public sealed record CniEnvironment(
    string Command, string ContainerId, string Netns, string IfName, PodArguments Pod)
{
    /// <summary>The longest device name that the kernel takes.</summary>
    public const int MaxIfName = 15;

    public string Handle => EndpointDevice.HandleOf(ContainerId, IfName);

    /// <summary>Reads and validates what the verb needs. Throws <see cref="CniException"/> with code 4, which
    /// names the variable.</summary>
    public static CniEnvironment Read(Func<string, string?> variable)
    {
        var command = variable("CNI_COMMAND") ?? "";
        var required = command switch
        {
            "ADD" or "CHECK" => (ImmutableArray<string>)["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
            "DEL" => ["CNI_CONTAINERID", "CNI_IFNAME"],
            "GC" or "STATUS" or "VERSION" => [],
            _ => throw Invalid(
                "CNI_COMMAND", $"'{command}' is not one of ADD, DEL, CHECK, GC, STATUS, VERSION"),
        };
        foreach (var name in required)
        {
            if (string.IsNullOrEmpty(variable(name)))
                throw Invalid(name, $"{command} needs it and it is not set");
        }
        if (required.IsEmpty) return new(command, "", "", "", PodArguments.None);
        var containerId = variable("CNI_CONTAINERID")!;
        var ifName = variable("CNI_IFNAME")!;
        if (ContainerIdProblem(containerId) is { } idProblem) throw Invalid("CNI_CONTAINERID", idProblem);
        if (IfNameProblem(ifName) is { } nameProblem) throw Invalid("CNI_IFNAME", nameProblem);
        var arguments = PodArguments.Parse(variable("CNI_ARGS") ?? "");
        return new(command, containerId, variable("CNI_NETNS") ?? "", ifName, arguments);
    }

    /// <summary>Null when the id starts with a letter or digit and goes on with letters, digits, <c>_ .
    /// -</c>.</summary>
    public static string? ContainerIdProblem(string id)
    {
        var good = id.Length > 0 && char.IsAsciiLetterOrDigit(id[0])
            && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
        return good
            ? null
            : $"'{id}' must start with a letter or digit and hold only letters, digits, '_', '.', '-'";
    }

    /// <summary>Null when the kernel would take it as a device name.</summary>
    public static string? IfNameProblem(string name)
    {
        if (name.Length == 0) return "it is empty";
        if (Encoding.UTF8.GetByteCount(name) > MaxIfName) return $"'{name}' is longer than {MaxIfName} bytes";
        if (name is "." or "..") return $"'{name}' is not a device name";
        return name.Any(c => c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c))
            ? $"'{name}' holds a slash, a colon or a space"
            : null;
    }

    internal static CniException Invalid(string variable, string problem) =>
        new(CniErrorCode.InvalidEnvironment, "invalid environment variable", $"{variable}: {problem}");
}
