using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Accounts;

/// <summary>What a token says of its owner.</summary>
/// <param name="PodName">Null for a token that does not end with a pod.</param>
public sealed record AccountClaims(
    string Namespace, string Account, string AccountUid, string? PodName, string? PodUid,
    IReadOnlyList<string> Audiences, DateTimeOffset Issued, DateTimeOffset Expires);

/// <summary>
/// Tokens of service accounts: JSON web tokens (RFC 7519) signed with ES256 (RFC 7518 section 3.4), with the claims that
/// Kubernetes gives them (KEP-1205).
/// </summary>
public sealed class AccountTokens(string privateKeyPem, string issuer)
{
    private const string Header = """{"alg":"ES256","typ":"JWT"}""";
    private const string Private = "kubernetes.io";

    public string Issuer => issuer;

    public string Sign(AccountClaims claims)
    {
        JsonObject about = new()
        {
            ["namespace"] = claims.Namespace,
            ["serviceaccount"] = new JsonObject { ["name"] = claims.Account, ["uid"] = claims.AccountUid },
        };
        if (claims.PodName is not null)
            about["pod"] = new JsonObject { ["name"] = claims.PodName, ["uid"] = claims.PodUid };
        JsonObject body = new()
        {
            ["aud"] = new JsonArray([.. claims.Audiences.Select(a => (JsonNode)a)]),
            ["exp"] = claims.Expires.ToUnixTimeSeconds(),
            ["iat"] = claims.Issued.ToUnixTimeSeconds(),
            ["iss"] = issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            [Private] = about,
            ["nbf"] = claims.Issued.ToUnixTimeSeconds(),
            ["sub"] = $"system:serviceaccount:{claims.Namespace}:{claims.Account}",
        };
        var signed = $"{Encode(Encoding.UTF8.GetBytes(Header))}.{Encode(Encoding.UTF8.GetBytes(body.ToJsonString()))}";
        using var key = Key();
        return $"{signed}.{Encode(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    /// <summary>The claims of a token that this key signed and that is good now; null for any other text.</summary>
    public AccountClaims? Verify(string token, DateTimeOffset now)
    {
        try
        {
            var end = token.LastIndexOf('.');
            if (end < 0 || token[..end].Split('.') is not [var header, var body]) return null;
            if (JsonNode.Parse(Decode(header)).Text("alg") != "ES256") return null;
            using var key = Key();
            if (!key.VerifyData(
                Encoding.ASCII.GetBytes(token[..end]), Decode(token[(end + 1)..]), HashAlgorithmName.SHA256)) return null;
            var claims = Read(JsonNode.Parse(Decode(body)));
            return claims is not null && claims.Issued <= now && now < claims.Expires ? claims : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or CryptographicException)
        {
            return null;
        }
    }

    private AccountClaims? Read(JsonNode? body)
    {
        if (body.Text("iss") != issuer || body.Number("exp") is not { } end || body.Number("nbf") is not { } begin)
            return null;
        return new(
            body.Text(Private, "namespace") ?? "", body.Text(Private, "serviceaccount", "name") ?? "",
            body.Text(Private, "serviceaccount", "uid") ?? "", body.Text(Private, "pod", "name"),
            body.Text(Private, "pod", "uid"), [.. body.Texts("aud")],
            DateTimeOffset.FromUnixTimeSeconds(begin), DateTimeOffset.FromUnixTimeSeconds(end));
    }

    // One for each use: an instance serves one thread.
    private ECDsa Key()
    {
        var key = ECDsa.Create();
        key.ImportFromPem(privateKeyPem);
        return key;
    }

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] Decode(string text) => Base64Url.DecodeFromChars(text);
}
