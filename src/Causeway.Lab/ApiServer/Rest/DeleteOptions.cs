using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>What becomes of the objects that the deleted one owns.</summary>
public enum Propagation
{
    /// <summary>They are deleted after it.</summary>
    Background,

    /// <summary>They are deleted before it.</summary>
    Foreground,

    /// <summary>They stay, without an owner.</summary>
    Orphan,
}

/// <summary>The options of a delete (meta/v1 DeleteOptions), from the body or the query.</summary>
/// <param name="GraceSeconds">Null for the object's own.</param>
/// <param name="Uid">Delete only the object with this uid.</param>
/// <param name="Revision">Delete only the object at this resourceVersion.</param>
public sealed record DeleteOptions(
    long? GraceSeconds, Propagation Propagation, string? Uid, string? Revision, bool DryRun)
{
    public static readonly DeleteOptions Now = new(0, Propagation.Background, null, null, false);

    public static async Task<DeleteOptions> ReadAsync(ApiRequest request)
    {
        var body = await request.ReadBodyAsync();
        return Of(request, body.Length == 0 ? [] : ObjectDecoding.ParseBody(request, body).Object);
    }

    /// <param name="body">The options object; may be empty.</param>
    public static DeleteOptions Of(ApiRequest request, JsonObject body)
    {
        var grace = body.Number("gracePeriodSeconds") ?? request.Number("gracePeriodSeconds");
        if (grace < 0) grace = 0;
        var policy = body.Text("propagationPolicy") ?? request.Query("propagationPolicy");
        var orphan = body.Flag("orphanDependents") || request.Flag("orphanDependents");
        return new(
            grace,
            policy switch
            {
                "" => orphan ? Propagation.Orphan : Propagation.Background,
                "Background" => Propagation.Background,
                "Foreground" => Propagation.Foreground,
                "Orphan" => Propagation.Orphan,
                _ => throw StatusException.BadRequest(
                    $"DeleteOptions.propagationPolicy: Unsupported value: \"{policy}\": supported values:"
                    + " \"Foreground\", \"Background\", \"Orphan\""),
            },
            body.Text("preconditions", "uid"), body.Text("preconditions", "resourceVersion"),
            request.DryRun || body.Items("dryRun").Any());
    }
}
