using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core;

namespace Causeway.Dns.Streams;

/// <summary>Certificates in files, in PEM.</summary>
internal static class Certificates
{
    /// <summary>All of a file's. Throws what <see cref="IsUnusable"/> knows.</summary>
    public static X509Certificate2Collection Load(string file)
    {
        X509Certificate2Collection found = [];
        found.ImportFromPemFile(file);
        return found.Count > 0 ? found : throw new CryptographicException($"{file} holds no certificate");
    }

    /// <summary>One with its key, and those between it and its authority, which stand behind it in its file.</summary>
    public static SslStreamCertificateContext WithKey(string file, string keyFile) => SslStreamCertificateContext.Create(
        X509Certificate2.CreateFromPemFile(file, keyFile), Load(file), offline: true);

    public static bool IsUnusable(Exception e) =>
        e is CryptographicException or IOException or UnauthorizedAccessException;

    /// <param name="authorities">Null: those that the machine trusts.</param>
    public static X509ChainPolicy SignedBy(X509Certificate2Collection? authorities)
    {
        // Asking whether a certificate was revoked takes names, which are what is being asked for.
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (authorities is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
