using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core;
using Causeway.Core.Naming.Configuration;

namespace Causeway.Dns.Forwarding;

/// <summary>How an upstream server proves who it is (RFC 7858, strict privacy of RFC 8310).</summary>
/// <param name="ServerName">What its certificate must be for; null: its address.</param>
/// <param name="Authorities">Who may have signed it; null: whom the machine trusts.</param>
/// <param name="Client">Our own certificate, if the server wants one.</param>
internal sealed record UpstreamTls(
    string? ServerName = null, X509Certificate2Collection? Authorities = null, X509Certificate2? Client = null)
{
    /// <summary>Reads the files, in PEM, of CoreDNS's <c>tls CERT KEY CA</c>; each may be missing.</summary>
    /// <exception cref="InputException">A file cannot be read: its path and why.</exception>
    public static UpstreamTls Load(string? serverName, string? authorityFile, string? certificateFile, string? keyFile)
    {
        X509Certificate2Collection? authorities = null;
        X509Certificate2? client = null;
        var file = authorityFile;
        try
        {
            if (authorityFile is not null)
            {
                authorities = [];
                authorities.ImportFromPemFile(authorityFile);
                if (authorities.Count == 0) throw new InputException($"{authorityFile} holds no certificate");
            }
            file = certificateFile;
            if (certificateFile is not null) client = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}", e);
        }
        return new(serverName, authorities, client);
    }

    public SslClientAuthenticationOptions Options(Upstream upstream) => new()
    {
        TargetHost = ServerName ?? upstream.Address.ToString(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificates = Client is null ? null : [Client],
        CertificateChainPolicy = Chain(),
    };

    private X509ChainPolicy Chain()
    {
        // Asking whether a certificate was revoked takes names, which are what is being asked for.
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (Authorities is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(Authorities);
        return policy;
    }
}
