using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core;
using Causeway.Core.Naming.Configuration;

namespace Causeway.Dns.Serving;

/// <summary>A server's certificate and key, read again when their files change: who issues them does so in time.</summary>
internal sealed class TlsIdentity
{
    private readonly TlsSettings _settings;
    private (DateTime Certificate, DateTime Key) _read;
    private X509Certificate2 _current;

    /// <summary>Throws <see cref="InputException"/> that names the files when they cannot be used.</summary>
    public TlsIdentity(TlsSettings settings)
    {
        _settings = settings;
        _read = Written;
        try
        {
            _current = Load();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{settings.At}: tls {settings.Certificate} {settings.Key}: {e.Message}", e);
        }
    }

    /// <summary>The last that could be used.</summary>
    public X509Certificate2 Current()
    {
        var written = Written;
        if (written == _read) return _current;
        try
        {
            _current = Load();
            _read = written;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // One of the two is not there yet: asked again with the next connection.
        }
        return _current;
    }

    private (DateTime, DateTime) Written =>
        (File.GetLastWriteTimeUtc(_settings.Certificate), File.GetLastWriteTimeUtc(_settings.Key));

    private X509Certificate2 Load() => X509Certificate2.CreateFromPemFile(_settings.Certificate, _settings.Key);
}
