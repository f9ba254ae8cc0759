using System.Security.Cryptography;
using System.Text;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>Knows the one token that opens the server (RFC 6750 section 2.1), comparing in constant
/// time.</summary>
internal sealed class Bearer(string token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public bool Accepts(string header)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()));
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }
}
