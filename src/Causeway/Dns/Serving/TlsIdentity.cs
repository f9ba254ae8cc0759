using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core;
using Causeway.Core.Naming.Configuration;
using Causeway.Dns.Streams;

namespace Causeway.Dns.Serving;

/// <summary>How a server proves who it is, and its clients who they are. The files are read again when they change: who
/// issues certificates renews them in time.</summary>
internal sealed class TlsIdentity
{
    private readonly TlsSettings _settings;
    private readonly DnsLog _log;
    private readonly Lock _gate = new();
    private (DateTime, DateTime, DateTime) _seen;
    private SslServerAuthenticationOptions _current;

    /// <summary>Throws <see cref="InputException"/> that names the files when they cannot be used.</summary>
    public TlsIdentity(TlsSettings settings, DnsLog log)
    {
        (_settings, _log) = (settings, log);
        _seen = Written;
        try
        {
            _current = Load();
        }
        catch (Exception e) when (Certificates.IsUnusable(e))
        {
            throw new InputException($"{settings.At}: {Name}: {e.Message}", e);
        }
    }

    private string Name => $"tls {_settings.Certificate} {_settings.Key} {_settings.Authority}".TrimEnd();

    private (DateTime, DateTime, DateTime) Written => (
        File.GetLastWriteTimeUtc(_settings.Certificate), File.GetLastWriteTimeUtc(_settings.Key),
        _settings.Authority is { } authority ? File.GetLastWriteTimeUtc(authority) : default);

    /// <summary>By the last files that could be used.</summary>
    public SslServerAuthenticationOptions Options()
    {
        lock (_gate)
        {
            var written = Written;
            if (written == _seen) return _current;
            _seen = written;
            try
            {
                _current = Load();
                _log.Renewed(_settings.Certificate);
            }
            catch (Exception e) when (Certificates.IsUnusable(e))
            {
                // Perhaps one of them is not there yet; its coming is a change again.
                _log.NotRenewed(Name, e.Message);
            }
            return _current;
        }
    }

    private SslServerAuthenticationOptions Load()
    {
        var authorities = _settings.Authority is { } file ? Certificates.Load(file) : null;
        return new()
        {
            ServerCertificateContext = Certificates.WithKey(_settings.Certificate, _settings.Key),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = _settings.Clients != ClientCertificates.None,
            CertificateChainPolicy = Certificates.SignedBy(authorities),
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsWelcome(certificate, errors),
            // A session that goes on would not show the client's certificate again.
            AllowTlsResume = _settings.Clients == ClientCertificates.None,
        };
    }

    private bool IsWelcome(X509Certificate? client, SslPolicyErrors errors)
    {
        var isSigned = client is not null && !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors);
        return _settings.Clients switch
        {
            ClientCertificates.Require => client is not null,
            ClientCertificates.VerifyIfGiven => client is null || isSigned,
            ClientCertificates.RequireAndVerify => isSigned,
            _ => true,
        };
    }
}
