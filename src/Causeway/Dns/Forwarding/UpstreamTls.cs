using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core;
using Causeway.Core.Naming.Configuration;
using Causeway.Dns.Streams;

namespace Causeway.Dns.Forwarding;

/// <summary>How an upstream server proves who it is (RFC 7858, strict privacy of RFC 8310).</summary>
/// <param name="ServerName">What its certificate must be for; null: its address.</param>
/// <param name="Authorities">Who may have signed it; null: whom the machine trusts.</param>
/// <param name="Client">Our own certificate, if the server wants one.</param>
internal sealed record UpstreamTls(
    string? ServerName = null, X509Certificate2Collection? Authorities = null, SslStreamCertificateContext? Client = null)
{
    /// <summary>Reads the files, in PEM, of CoreDNS's <c>tls</c>: none, of the authority, of certificate and key, or all
    /// three.</summary>
    /// <exception cref="InputException">A file cannot be read: where it is named, its path and why.</exception>
    public static UpstreamTls Load(ForwardSettings settings)
    {
        var (certificate, key, authority) = settings.Tls switch
        {
            [var one] => (null, null, one),
            [var first, var second] => (first, second, null),
            [var first, var second, var third, ..] => (first, second, third),
            _ => ((string?)null, (string?)null, (string?)null),
        };
        var file = authority;
        try
        {
            var authorities = authority is null ? null : Certificates.Load(authority);
            file = certificate;
            var client = certificate is null ? null : Certificates.WithKey(certificate, key!);
            return new(settings.TlsServerName, authorities, client);
        }
        catch (Exception e) when (Certificates.IsUnusable(e))
        {
            throw new InputException($"{settings.At}: forward: tls {file}: {e.Message}", e);
        }
    }

    public SslClientAuthenticationOptions Options(Upstream upstream) => new()
    {
        TargetHost = ServerName ?? upstream.Address.ToString(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateContext = Client,
        CertificateChainPolicy = Certificates.SignedBy(Authorities),
    };
}
