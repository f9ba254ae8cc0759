using Causeway.Core;

namespace Causeway.Kubernetes.Configuration;

/// <summary>The access that every pod with a service account has.</summary>
public static class InClusterConfig
{
    public const string Directory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Null outside a cluster: no KUBERNETES_SERVICE_HOST.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static KubeAccess? Find(Func<string, string?> environment, string directory = Directory)
    {
        if (environment("KUBERNETES_SERVICE_HOST") is not { Length: > 0 } host) return null;
        var port = environment("KUBERNETES_SERVICE_PORT") is { Length: > 0 } given ? given : "443";
        var address = host.Contains(':') ? $"[{host}]" : host;
        if (!Uri.TryCreate($"https://{address}:{port}", UriKind.Absolute, out var server))
            throw new InputException(
                $"KUBERNETES_SERVICE_HOST='{host}' and KUBERNETES_SERVICE_PORT='{port}' make no address");
        var authority = Path.Combine(directory, "ca.crt");
        try
        {
            return new KubeAccess
            {
                Server = server,
                Authorities = Certificates.Bundle(File.ReadAllText(authority), authority),
                Credential = Credential.TokenFile(Path.Combine(directory, "token")),
                Namespace = File.ReadAllText(Path.Combine(directory, "namespace")).Trim(),
                Source = $"the service account in {directory}",
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the service account cannot be read: {e.Message}", e);
        }
    }
}
