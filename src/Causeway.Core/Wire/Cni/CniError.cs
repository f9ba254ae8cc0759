using System.Text.Json;

namespace Causeway.Core.Wire.Cni;

/// <summary>What a plugin prints when it fails (CNI specification 1.1.0, section 5 "Error").</summary>
/// <param name="Message">Short, the same for every failure of a kind.</param>
/// <param name="Details">What was wrong this time, and what to do. May be empty.</param>
public sealed record CniError(CniErrorCode Code, string Message, string Details = "")
{
    /// <summary>The JSON object for standard output.</summary>
    public string Print(string version) => CniText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("cniVersion", version);
        Fields(writer);
        writer.WriteEndObject();
    });

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        Fields(writer);
        writer.WriteEndObject();
    }

    private void Fields(Utf8JsonWriter writer)
    {
        writer.WriteNumber("code", (int)Code);
        writer.WriteString("msg", Message);
        if (Details.Length > 0) writer.WriteString("details", Details);
    }

    /// <summary>Null when the text is not a CNI error object.</summary>
    public static CniError? Parse(string text)
    {
        try
        {
            return Read(JsonElement.Parse(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static CniError? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object
            || !json.TryGetProperty("code", out var code) || code.ValueKind != JsonValueKind.Number
            || !code.TryGetInt32(out var number)
            || !json.TryGetProperty("msg", out var message) || message.ValueKind != JsonValueKind.String)
            return null;
        var details = json.Member("details") is { ValueKind: JsonValueKind.String } d ? d.Text() : "";
        return new((CniErrorCode)number, message.Text(), details);
    }

    public override string ToString() => Details.Length == 0 ? Message : $"{Message}: {Details}";
}

/// <summary>Carries a <see cref="CniError"/> to the edge, where it is printed.</summary>
public sealed class CniException : Exception
{
    public CniException(CniError error) : base(error.ToString()) => Error = error;

    public CniException(CniErrorCode code, string message, string details = "")
        : this(new CniError(code, message, details)) { }

    public CniException() : this(CniErrorCode.Agent, "unknown failure") { }

    public CniException(string message) : this(CniErrorCode.Agent, message) { }

    public CniException(string message, Exception cause) : base(message, cause) =>
        Error = new(CniErrorCode.Agent, message);

    public CniError Error { get; }
}
