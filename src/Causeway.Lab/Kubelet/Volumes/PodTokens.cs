using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Core.Cluster;
using Causeway.Kubernetes;
using Causeway.Lab.Objects;

namespace Causeway.Lab.Kubelet.Volumes;

/// <summary>The tokens that a pod's projections ask for: got from the API, bound to the pod, and renewed when four fifths
/// of their time are over.</summary>
internal sealed class PodTokens(KubeletContext context, PodObject pod)
{
    private const long DefaultSeconds = 3600;
    private const double RenewAt = 0.8;

    private static readonly KubeType<JsonObject> Accounts = KubeTypes.Tree(ApiResources.ServiceAccounts);

    private readonly IReadOnlyList<TokenSource> _wanted =
    [
        .. (pod.Spec?.Volumes ?? []).SelectMany(v => v.Projected?.Sources ?? [])
            .Select(s => s.ServiceAccountToken).OfType<TokenSource>(),
    ];

    private readonly Dictionary<TokenSource, (string Token, DateTimeOffset Renew)> _tokens = [];

    /// <summary>Null for one that could not be had yet.</summary>
    public string? Find(TokenSource source) => _tokens.TryGetValue(source, out var found) ? found.Token : null;

    /// <summary>Gets what is missing or old; null, or why it could not. Throws only when cancelled.</summary>
    public async Task<string?> RenewAsync(CancellationToken cancel)
    {
        var now = context.Time.GetUtcNow();
        foreach (var source in _wanted)
        {
            if (_tokens.TryGetValue(source, out var has) && now < has.Renew) continue;
            try
            {
                _tokens[source] = await AskAsync(source, now, cancel);
            }
            catch (KubeException e)
            {
                return "failed to fetch token: " + e.Message;
            }
        }
        return null;
    }

    private async Task<(string Token, DateTimeOffset Renew)> AskAsync(
        TokenSource source, DateTimeOffset now, CancellationToken cancel)
    {
        JsonObject spec = new()
        {
            ["audiences"] = string.IsNullOrEmpty(source.Audience) ? new JsonArray() : new JsonArray(source.Audience),
            ["expirationSeconds"] = source.ExpirationSeconds ?? DefaultSeconds,
            ["boundObjectRef"] = new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = pod.Metadata.Name, ["uid"] = pod.Metadata.Uid,
            },
        };
        var answer = await context.Options.Client.CreateSubresource(
            Accounts, pod.Spec?.ServiceAccountName ?? "default", pod.Metadata.Namespace, "token",
            new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = spec },
            cancel);
        if ((string?)answer?["status"]?["token"] is not { } token
            || !DateTimeOffset.TryParse(
                (string?)answer["status"]?["expirationTimestamp"], CultureInfo.InvariantCulture, out var end))
            throw new KubeException(0, "BadAnswer", "a token request was answered without a token");
        return (token, now + ((end - now) * RenewAt));
    }
}
