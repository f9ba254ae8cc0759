using Causeway.Lab.ApiServer.Schema.Apply;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>How strict a write is about fields that the kind does not have.</summary>
public enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <param name="DryRun">Do everything but store it.</param>
/// <param name="Manager">Who becomes the owner of the fields.</param>
/// <param name="IsApply">A server-side apply, which has settled the fields' owners itself.</param>
public sealed record WriteOptions(bool DryRun, string Manager, FieldValidation Validation,
    bool IsApply = false)
{
    /// <summary>Of the server's own writes.</summary>
    public static readonly WriteOptions Internal = new(false, "kube-controller-manager",
        FieldValidation.Ignore);

    public static WriteOptions Of(ApiRequest request) => new(
        request.DryRun,
        ServerSideApply.ManagerOf(request.Query("fieldManager"), request.Http.Request.Headers.UserAgent),
        request.Query("fieldValidation") switch
        {
            "Strict" => FieldValidation.Strict,
            "" or "Warn" => FieldValidation.Warn,
            "Ignore" => FieldValidation.Ignore,
            var other => throw StatusException.BadRequest(
                $"fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
        });
}
