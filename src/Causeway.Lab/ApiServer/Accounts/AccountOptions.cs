using System.Security.Cryptography;

namespace Causeway.Lab.ApiServer.Accounts;

/// <summary>What service accounts need.</summary>
/// <param name="PrivateKeyPem">Signs their tokens: an ECDSA key on P-256 in PKCS 8 form.</param>
/// <param name="AuthorityPem">By which pods know the server: every namespace's ConfigMap
/// <c>kube-root-ca.crt</c>.</param>
/// <param name="Issuer">Of the tokens, and the audience of those that are meant for the server itself.</param>
public sealed record AccountOptions(
    string PrivateKeyPem, string AuthorityPem, string Issuer = "https://kubernetes.default.svc.cluster.local")
{
    /// <summary>A fresh key.</summary>
    public static string NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
