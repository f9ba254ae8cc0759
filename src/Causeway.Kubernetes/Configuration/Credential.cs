using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Causeway.Core;

namespace Causeway.Kubernetes.Configuration;

/// <summary>What one asking of a credential's source gave.</summary>
/// <param name="Header">The Authorization header; null sends none.</param>
/// <param name="Certificate">A client certificate, from exec plugins that give one.</param>
/// <param name="GoodUntil">When to ask again.</param>
internal sealed record IssuedCredential(
    AuthenticationHeaderValue? Header, X509Certificate2? Certificate, DateTimeOffset GoodUntil);

/// <summary>Who the client says it is. Asks its source again when what it gave has aged, or was
/// refused.</summary>
public sealed class Credential
{
    /// <summary>Service account tokens are rotated on disk long before they expire; a minute is early
    /// enough.</summary>
    public static readonly TimeSpan TokenFileAge = TimeSpan.FromMinutes(1);

    private readonly Func<DateTimeOffset, CancellationToken, Task<IssuedCredential>> _issue;
    private volatile IssuedCredential? _last;

    internal Credential(Func<DateTimeOffset, CancellationToken, Task<IssuedCredential>> issue) =>
        _issue = issue;

    public static Credential None { get; } = Fixed(null);

    public static Credential Token(string token) => Fixed(Bearer(token));

    /// <summary>RFC 7617.</summary>
    public static Credential Basic(string user, string password) => Fixed(new(
        "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))));

    /// <summary>A token in a file that another program renews. Throws <see cref="InputException"/> from the
    /// first request, when it cannot read it.</summary>
    public static Credential TokenFile(string path) => new(async (now, cancel) =>
    {
        try
        {
            var token = (await File.ReadAllTextAsync(path, cancel)).Trim();
            return token.Length == 0
                ? throw new InputException($"{path}: the token file is empty")
                : new IssuedCredential(Bearer(token), null, now + TokenFileAge);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: the token file cannot be read: {e.Message}", e);
        }
    });

    internal static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    internal X509Certificate2? Certificate => _last?.Certificate;

    /// <param name="renew">The server refused what it got: ask the source whatever its age.</param>
    internal async ValueTask<AuthenticationHeaderValue?> Header(
        TimeProvider time, bool renew, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var last = _last;
        if (last is not null && !renew && now < last.GoodUntil) return last.Header;
        try
        {
            _last = last = await _issue(now, cancel);
        }
        catch (InputException) when (last is not null)
        {
            // Whoever renews it may be at it: the one before may still be good, and if not, the server says so.
        }
        return last.Header;
    }

    private static Credential Fixed(AuthenticationHeaderValue? header) => new((_, _) =>
        Task.FromResult(new IssuedCredential(header, null, DateTimeOffset.MaxValue)));
}
