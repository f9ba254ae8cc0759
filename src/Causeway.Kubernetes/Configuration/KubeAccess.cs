using System.Security.Cryptography.X509Certificates;

namespace Causeway.Kubernetes.Configuration;

/// <summary>How to reach one API server, and as whom: what a kubeconfig context or a service account comes
/// to.</summary>
public sealed record KubeAccess
{
    /// <summary>The base address, such as <c>https://10.0.0.1:6443</c>; a path is kept as a prefix.</summary>
    public required Uri Server { get; init; }

    /// <summary>The only roots to trust; null trusts the system's.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Take any server certificate (<c>insecure-skip-tls-verify</c>).</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name that the server's certificate must carry, when it is not the host of <see
    /// cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Asked at each TLS handshake, so that a certificate rotated on disk is picked up.</summary>
    public Func<X509Certificate2?>? ClientCertificate { get; init; }

    public Credential Credential { get; init; } = Credential.None;

    /// <summary>The context's namespace, when it names one.</summary>
    public string? Namespace { get; init; }

    /// <summary>Where this came from, for messages: <c>FILE, context NAME</c>.</summary>
    public string Source { get; init; } = "";
}
