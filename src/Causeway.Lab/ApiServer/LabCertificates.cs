using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Causeway.Lab.ApiServer;

/// <summary>A certificate authority and a server certificate signed by it (ECDSA on P-256, RFC 5280
/// profiles).</summary>
/// <param name="AuthorityPem">The authority's certificate: <c>certificate-authority-data</c> of a
/// kubeconfig.</param>
/// <param name="CertificatePem">The server's certificate.</param>
/// <param name="PrivateKeyPem">The server's key in PKCS 8 form. Keep it readable for its owner alone.</param>
public sealed record LabCertificates(string AuthorityPem, string CertificatePem, string PrivateKeyPem)
{
    private static readonly string[] AlwaysNamed =
    [
        "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ];

    /// <summary>
    /// A fresh authority and server certificate, valid from a day before <paramref name="now"/> for ten
    /// years.
    /// Besides the names and addresses given, the certificate holds for loopback and the cluster's own API
    /// names.
    /// </summary>
    public static LabCertificates Create(
        DateTimeOffset now, IEnumerable<string> names, IEnumerable<IPAddress> addresses)
    {
        var from = now.AddDays(-1);
        var until = now.AddYears(10);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = Authority(authorityKey).CreateSelfSigned(from, until);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", serverKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature,
            true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(AlternativeNames(names, addresses));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var server = request.Create(authority, from, until.AddDays(-1), SerialNumber());
        return new(authority.ExportCertificatePem(), server.ExportCertificatePem(),
            serverKey.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The server's certificate with its key, as <see cref="ApiServerOptions.Certificate"/> wants
    /// it.</summary>
    public X509Certificate2 ToServerCertificate() =>
        X509Certificate2.CreateFromPem(CertificatePem, PrivateKeyPem);

    private static CertificateRequest Authority(ECDsa key)
    {
        var request = new CertificateRequest("CN=causeway-lab-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature,
                true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static X509Extension AlternativeNames(IEnumerable<string> names, IEnumerable<IPAddress> addresses)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in AlwaysNamed.Concat(names).Distinct(StringComparer.OrdinalIgnoreCase))
            builder.AddDnsName(name);
        foreach (var address in new[] { IPAddress.Loopback,
            IPAddress.IPv6Loopback }.Concat(addresses).Distinct())
            builder.AddIpAddress(address);
        return builder.Build();
    }

    /// <summary>Positive, 127 bits: RFC 5280 section 4.1.2.2.</summary>
    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        return serial;
    }
}
