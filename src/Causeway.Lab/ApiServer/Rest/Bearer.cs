using System.Security.Cryptography;
using System.Text;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>Knows the tokens that open the server (RFC 6750 section 2.1): the administrator's, compared in constant time,
/// and those of service accounts whose account, and pod if they are bound to one, still exist.</summary>
internal sealed class Bearer(ServerContext server)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _hash = SHA256.HashData(Encoding.UTF8.GetBytes(server.Options.Token));

    public bool Accepts(string header)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        var token = header[Scheme.Length..].Trim();
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), _hash)
            || IsAccounts(token);
    }

    private bool IsAccounts(string token)
    {
        if (server.Tokens is not { } tokens || tokens.Verify(token, server.Now) is not { } claims) return false;
        return claims.Audiences.Contains(tokens.Issuer)
            && Exists("serviceaccounts", claims.Namespace, claims.Account, claims.AccountUid)
            && (claims.PodName is null || Exists("pods", claims.Namespace, claims.PodName, claims.PodUid));
    }

    private bool Exists(string kind, string ns, string name, string? uid) =>
        server.Store.State.Find(new(kind, ns, name)) is { } found && found.Parse().Text("metadata", "uid") == uid;
}
