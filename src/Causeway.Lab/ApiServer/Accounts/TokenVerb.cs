using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Admission;
using Causeway.Lab.ApiServer.Json;
using Causeway.Lab.ApiServer.Rest;
using Causeway.Lab.ApiServer.Schema;

namespace Causeway.Lab.ApiServer.Accounts;

/// <summary>Gives out tokens of service accounts: <c>serviceaccounts/NAME/token</c>.</summary>
internal sealed class TokenVerb(ServerContext server)
{
    private const long DefaultSeconds = 3600;
    private const long ShortestSeconds = 600;
    private const long LongestSeconds = 1L << 32;

    public async Task CreateAsync(ApiRequest request)
    {
        var tokens = server.Tokens ?? throw StatusException.NoSuchPath();
        var body = (await ObjectDecoding.ReadBodyAsync(request)).Object;
        var account = server.Store.State.Find(request.Key) ?? throw StatusException.NotFound(request.Type, request.Name);
        var seconds = body.Number("spec", "expirationSeconds") ?? DefaultSeconds;
        if (seconds < ShortestSeconds)
            throw StatusException.Invalid(request.Type, request.Name, [FieldError.Invalid(
                "spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")]);
        if (seconds > LongestSeconds)
            throw StatusException.Invalid(request.Type, request.Name, [FieldError.Invalid(
                "spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")]);
        var pod = body.Object("spec", "boundObjectRef");
        if (pod is not null) RequirePod(request, pod);
        var audiences = body.Texts("spec", "audiences").ToList();
        if (audiences.Count == 0) audiences.Add(tokens.Issuer);
        var now = server.Now;
        var claims = new AccountClaims(
            request.Namespace!, request.Name, account.Parse().Text("metadata", "uid")!, pod.Text("name"),
            pod.Text("uid"), audiences, now, now.AddSeconds(seconds));
        var spec = body.Ensure("spec");
        spec["audiences"] = new JsonArray([.. audiences.Select(a => (JsonNode)a)]);
        spec["expirationSeconds"] = seconds;
        await request.Http.WriteAsync(201, new JsonObject
        {
            ["kind"] = "TokenRequest", ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = request.Name, ["namespace"] = request.Namespace,
                ["creationTimestamp"] = Preparation.Time(now),
            },
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject
            {
                ["token"] = tokens.Sign(claims), ["expirationTimestamp"] = Preparation.Time(claims.Expires),
            },
        });
    }

    private void RequirePod(ApiRequest request, JsonObject reference)
    {
        if (reference.Text("kind") != "Pod")
            throw StatusException.BadRequest($"cannot bind token to a {reference.Text("kind")}: this server knows pods alone");
        var name = reference.Text("name") ?? "";
        var pod = server.Store.State.Find(new("pods", request.Namespace!, name))?.Parse();
        if (pod is null || pod.Text("metadata", "uid") != reference.Text("uid"))
            throw StatusException.Conflict(request.Type, request.Name, $"there is no pod {name} of this uid");
        if (pod.Text("spec", "serviceAccountName") != request.Name)
            throw StatusException.BadRequest(
                $"cannot bind token for serviceaccount \"{request.Name}\" to pod running with different serviceaccount name.");
    }
}
