using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Causeway.Tests.Dns;

/// <summary>Authorities, and certificates that they sign, for an hour.</summary>
internal static class TestCertificates
{
    public static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return Request("test authority", key, isAuthority: true).CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }

    /// <param name="isAuthority">Whether it may sign others in turn.</param>
    public static X509Certificate2 Issue(X509Certificate2 authority, string name, bool isAuthority = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var signed = Request(name, key, isAuthority).Create(
            authority, now.AddHours(-1), now.AddMinutes(50), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Writes NAME.crt, with those between it and its authority behind it, and NAME.key; returns both paths.</summary>
    public static async Task<(string Certificate, string Key)> WriteAsync(
        string folder, string file, X509Certificate2 certificate, params X509Certificate2[] between)
    {
        var (crt, key) = (Path.Combine(folder, $"{file}.crt"), Path.Combine(folder, $"{file}.key"));
        await File.WriteAllTextAsync(key, certificate.GetECDsaPrivateKey()!.ExportECPrivateKeyPem());
        await File.WriteAllTextAsync(
            crt, string.Join('\n', between.Prepend(certificate).Select(c => c.ExportCertificatePem())));
        return (crt, key);
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        if (isAuthority)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request;
        }
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
