using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>One thing wrong with an object, in the API server's wording.</summary>
/// <param name="Path">Where: <c>spec.containers[0].name</c>, <c>metadata.labels[a.b/c]</c>.</param>
/// <param name="Reason">For <c>details.causes[].reason</c> of a Status: FieldValueRequired and so on.</param>
/// <param name="Message">What, without the path: <c>Required value</c>.</param>
public sealed record FieldError(string Path, string Reason, string Message)
{
    public static FieldError Required(string path, string detail = "") =>
        new(path, "FieldValueRequired", Join("Required value", detail));

    public static FieldError Invalid(string path, JsonNode? value, string detail) =>
        new(path, "FieldValueInvalid", Join($"Invalid value: {Show(value)}", detail));

    /// <summary>The value has the wrong JSON type; Kubernetes shows the type it has in place of the
    /// value.</summary>
    public static FieldError WrongType(string path, JsonNode? value, string wanted)
    {
        var actual = value is null ? "null" : JsonShape.TypeName(value);
        return new(path, "FieldValueTypeInvalid",
            $"Invalid value: \"{actual}\": {path} in body must be of type {wanted}: \"{actual}\"");
    }

    public static FieldError NotSupported(string path, JsonNode? value, IEnumerable<string> supported) =>
        new(path, "FieldValueNotSupported",
            $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(Quote))}");

    public static FieldError Duplicate(string path, JsonNode? value) =>
        new(path, "FieldValueDuplicate", $"Duplicate value: {Show(value)}");

    public static FieldError TooLong(string path, int limit) =>
        new(path, "FieldValueTooLong", $"Too long: may not be more than {limit} bytes");

    public static FieldError TooMany(string path, int count, int limit) =>
        new(path, "FieldValueTooMany", $"Too many: {count}: must have at most {limit} items");

    public static FieldError Forbidden(string path, string detail) =>
        new(path, "FieldValueForbidden", Join("Forbidden", detail));

    /// <summary><c>spec.cidr: Required value</c>.</summary>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";

    /// <summary>The message of an Invalid status over several errors: one bare, several in
    /// brackets.</summary>
    public static string Aggregate(IReadOnlyList<FieldError> errors)
    {
        var texts = errors.Select(e => e.ToString()).Distinct().ToList();
        return texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
    }

    private static string Show(JsonNode? value) => value is null ? "null" : JsonShape.Compact(value);

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JsonShape.Encoder)}\"";

    private static string Join(string head, string detail) => detail.Length == 0 ? head : $"{head}: {detail}";
}
