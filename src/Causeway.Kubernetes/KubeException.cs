using System.Text.Json;

namespace Causeway.Kubernetes;

/// <summary>
/// A request that the API server refused, or that did not reach it. The server's <c>Status</c> object gives
/// <see cref="Code"/>, <see cref="Reason"/> and the message.
/// </summary>
public sealed class KubeException : Exception
{
    public KubeException(int code, string reason, string message, Exception? cause = null)
        : base(message, cause)
    {
        Code = code;
        Reason = reason;
    }

    public KubeException() : this(0, "", "") { }

    public KubeException(string message) : this(0, "", message) { }

    public KubeException(string message, Exception cause) : this(0, "", message, cause) { }

    /// <summary>The HTTP status; 0 when there was no answer.</summary>
    public int Code { get; }

    /// <summary>The API's word, such as <c>AlreadyExists</c>; <c>Unreachable</c> or <c>Timeout</c> without an
    /// answer.</summary>
    public string Reason { get; } = "";

    /// <summary>How long the server asked to wait, when it did.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public bool IsNotFound => Code == 404;

    public bool IsAlreadyExists => Reason == "AlreadyExists";

    /// <summary>A 409 that is not AlreadyExists: the resourceVersion or a precondition did not
    /// match.</summary>
    public bool IsConflict => Code == 409 && !IsAlreadyExists;

    /// <summary>410 Gone (<c>Expired</c>): a watch or a continue token is too old; list again. So is a
    /// version that the server has not reached, which is what a server restored from a backup says.</summary>
    public bool IsGone => Code == 410
        || (Code == 504
            && Message.Contains("Too large resource version", StringComparison.OrdinalIgnoreCase));

    public bool IsUnauthorized => Code == 401;

    public bool IsForbidden => Code == 403;

    public bool IsInvalid => Code is 422 or 400;

    public bool IsTooManyRequests => Code == 429;

    /// <summary>No answer: refused, lost or too late. A write may or may not have been done.</summary>
    public bool IsUnreachable => Code == 0 && Reason is "Unreachable" or "Timeout";

    /// <summary>Not this client's fault; the same request may succeed later.</summary>
    public bool IsTransient => IsUnreachable || IsTooManyRequests || Code >= 500;

    /// <summary>Reads a Status object; a body that is none (a proxy's page) is quoted, cut short.</summary>
    internal static KubeException Of(
        int code, ReadOnlySpan<byte> body, string operation, TimeSpan? retryAfter)
    {
        var (reason, message) = (ReasonOf(code), "");
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                if (Text(document.RootElement, "reason") is { } given) reason = given;
                message = Text(document.RootElement, "message") ?? "";
                if (code == 0 && document.RootElement.TryGetProperty("code", out var number)
                    && number.TryGetInt32(out var inside)) code = inside;
            }
        }
        catch (JsonException)
        {
            message = System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 200)]);
        }
        if (message.Length == 0) message = reason;
        return new(code, reason, $"{operation}: {message}") { RetryAfter = retryAfter };
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text ? text : null;

    private static string ReasonOf(int code) => code switch
    {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        409 => "Conflict",
        410 => "Expired",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => $"HTTP {code}",
    };
}
