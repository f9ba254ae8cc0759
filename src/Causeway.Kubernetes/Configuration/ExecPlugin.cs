using System.Globalization;
using System.Text.Json;
using Causeway.Core;

namespace Causeway.Kubernetes.Configuration;

/// <summary>A credential plugin as a kubeconfig's <c>users[].user.exec</c> describes it.</summary>
/// <param name="Environment">Added to the caller's own environment.</param>
/// <param name="InstallHint">What to tell the user when the command is not there.</param>
public sealed record ExecPlugin(
    string Command, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Environment,
    string ApiVersion, string? InstallHint)
{
    /// <summary>The value of KUBERNETES_EXEC_INFO, already in <see cref="Environment"/> of what the runner
    /// gets.</summary>
    internal string ExecInfo =>
        $$"""{"apiVersion":"{{ApiVersion}}","kind":"ExecCredential","spec":{"interactive":false} }""";
}

/// <summary>Runs a plugin and returns what it wrote to standard output. This project spawns no processes
/// itself. Throws <see cref="InputException"/> when the command is missing or fails.</summary>
public delegate Task<string> RunExecPlugin(ExecPlugin plugin, CancellationToken cancel);

/// <summary>The protocol of <c>client.authentication.k8s.io/v1</c> and <c>v1beta1</c>.</summary>
internal static class ExecCredentials
{
    public static Credential Of(ExecPlugin plugin, RunExecPlugin run)
    {
        var asked = plugin with
        {
            Environment = [.. plugin.Environment, new("KUBERNETES_EXEC_INFO", plugin.ExecInfo)],
        };
        return new Credential(async (_, cancel) => Decode(plugin.Command, await run(asked, cancel)));
    }

    internal static IssuedCredential Decode(string command, string output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "kind") != "ExecCredential"
                || !root.TryGetProperty("status", out var status) || status.ValueKind != JsonValueKind.Object)
                throw Bad(command, "did not print an ExecCredential");
            var token = Text(status, "token");
            var certificate = Text(status, "clientCertificateData") is { } pem
                ? Certificates.Pair(pem, Text(status, "clientKeyData") ?? "", $"plugin '{command}'")
                : null;
            if (token is null && certificate is null)
                throw Bad(command, "gave neither token nor certificate");
            var until = Text(status, "expirationTimestamp") is { } expires
                ? DateTimeOffset.Parse(expires, CultureInfo.InvariantCulture)
                : DateTimeOffset.MaxValue;
            return new(token is null ? null : Credential.Bearer(token), certificate, until);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw Bad(command, $"printed what is not an ExecCredential: {e.Message}");
        }
    }

    private static InputException Bad(string command, string what) =>
        new($"the credential plugin '{command}' {what}");

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
