using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Causeway.Core;

namespace Causeway.Kubernetes.Configuration;

/// <summary>PEM to certificates, with errors that say where the text stood.</summary>
internal static class Certificates
{
    /// <param name="where">The file and field, for the message.</param>
    public static X509Certificate2Collection Bundle(string pem, string where)
    {
        var bundle = new X509Certificate2Collection();
        try
        {
            bundle.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new InputException($"{where}: not a certificate in PEM form: {e.Message}", e);
        }
        return bundle.Count > 0
            ? bundle
            : throw new InputException($"{where}: holds no certificate in PEM form");
    }

    /// <summary>A certificate with its private key.</summary>
    public static X509Certificate2 Pair(string certificatePem, string keyPem, string where)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException(
                $"{where}: the client certificate and its key do not make a pair: {e.Message}", e);
        }
    }
}
