using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>
/// Checks the values of a decoded object: required fields for every kind, and for custom resources all that
/// their structural schema says (apiextensions.k8s.io/v1, JSONSchemaProps), except CEL rules.
/// </summary>
public static class FieldValidator
{
    /// <summary>Empty when the object is good; otherwise in the order of the object's fields.</summary>
    public static IReadOnlyList<FieldError> Validate(ObjectSchema schema, JsonObject obj)
    {
        List<FieldError> errors = [];
        Check(schema.Root, obj, "", schema.IsCustom, errors);
        return errors;
    }

    private static void Check(SchemaNode node, JsonNode? value, string path, bool custom, List<FieldError> errors)
    {
        if (value is null)
        {
            if (!node.Nullable && node.Type != SchemaType.Any && custom)
                errors.Add(FieldError.WrongType(path, value, WantedType(node)));
            return;
        }
        // The decoder has seen to the types of built-in kinds.
        if (custom && node.Reference is null)
        {
            if (!HasType(node, value))
            {
                errors.Add(FieldError.WrongType(path, value, WantedType(node)));
                return;
            }
            if (!Formats.Accepts(node.Format, value))
                errors.Add(FieldError.Invalid(path, value, $"{path} in body must be of type {node.Format}: "
                    + JsonShape.Compact(value)));
            if (node.Constraints is { } constraints) CheckConstraints(constraints, value, path, errors);
        }
        if (value is JsonObject obj) CheckFields(node, obj, path, custom && node.Reference is null, errors);
        else if (value is JsonArray array) CheckItems(node, array, path, custom, errors);
    }

    private static void CheckFields(
        SchemaNode node, JsonObject obj, string path, bool custom, List<FieldError> errors)
    {
        foreach (var name in node.Required)
            if (!obj.ContainsKey(name)) errors.Add(FieldError.Required(JsonShape.Child(path, name)));
        foreach (var (name, value) in obj)
        {
            // What a controller reports is its own business in the kinds whose controllers are trusted.
            if (!custom && path.Length == 0 && name == "status") continue;
            if (node.Field(name) is { } field)
                Check(field, value, JsonShape.Child(path, name), custom, errors);
        }
    }

    private static void CheckItems(SchemaNode node, JsonArray array, string path, bool custom, List<FieldError> errors)
    {
        for (var i = 0; node.Items is not null && i < array.Count; i++)
            Check(node.Items, array[i], $"{path}[{i}]", custom, errors);
        if (node.ListKind == ListKind.Atomic || !custom) return;
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < array.Count; i++)
        {
            if (array[i] is not { } item) continue;
            var key = node.ListKind == ListKind.Set ? item.DeepClone() : KeyOf(node, item);
            if (!seen.Add(JsonShape.Compact(key))) errors.Add(FieldError.Duplicate($"{path}[{i}]", key));
        }
    }

    private static JsonObject KeyOf(SchemaNode node, JsonNode item)
    {
        var key = new JsonObject();
        foreach (var name in node.ListKeys) key[name] = (item as JsonObject)?[name]?.DeepClone();
        return key;
    }

    private static bool HasType(SchemaNode node, JsonNode value) => node.Type switch
    {
        _ when node.Format == "int-or-string" => JsonShape.IsString(value) || JsonShape.IsInteger(value),
        SchemaType.Object => value is JsonObject,
        SchemaType.Array => value is JsonArray,
        SchemaType.String => JsonShape.IsString(value),
        SchemaType.Integer => JsonShape.IsInteger(value),
        SchemaType.Number => value.GetValueKind() == JsonValueKind.Number,
        SchemaType.Boolean => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        _ => true,
    };

    private static string WantedType(SchemaNode node) =>
        node.Format == "int-or-string" ? "integer,string" : node.Type.ToString().ToLowerInvariant();

    private static void CheckConstraints(Constraints limits, JsonNode value, string path, List<FieldError> errors)
    {
        if (limits.Enum is { } values && !values.Any(v => JsonShape.Same(v, value)))
            errors.Add(FieldError.NotSupported(path, value, values.Select(v => v?.ToString() ?? "null")));
        switch (value.GetValueKind())
        {
            case JsonValueKind.Number:
                CheckNumber(limits, value, path, errors);
                break;
            case JsonValueKind.String:
                CheckText(limits, value.ToString(), path, errors);
                break;
            case JsonValueKind.Array:
                CheckCount(limits, value.AsArray(), path, errors);
                break;
            case JsonValueKind.Object:
                if (limits.MaxProperties is { } most && value.AsObject().Count > most)
                    errors.Add(FieldError.TooMany(path, value.AsObject().Count, most));
                if (limits.MinProperties is { } least && value.AsObject().Count < least)
                    errors.Add(Body(path, value.AsObject().Count, $"should have at least {least} properties"));
                break;
        }
        CheckBranches(limits, value, path, errors);
    }

    private static void CheckNumber(Constraints limits, JsonNode value, string path, List<FieldError> errors)
    {
        if (JsonShape.Number(value) is not { } number) return;
        if (limits.Minimum is { } low && (number < low || (limits.ExclusiveMinimum && number == low)))
            errors.Add(Body(path, value,
                limits.ExclusiveMinimum ? $"should be greater than {low}" : $"should be greater than or equal to {low}"));
        if (limits.Maximum is { } high && (number > high || (limits.ExclusiveMaximum && number == high)))
            errors.Add(Body(path, value,
                limits.ExclusiveMaximum ? $"should be less than {high}" : $"should be less than or equal to {high}"));
        if (limits.MultipleOf is { } step && step != 0 && number % step != 0)
            errors.Add(Body(path, value, $"should be a multiple of {step}"));
    }

    private static void CheckText(Constraints limits, string text, string path, List<FieldError> errors)
    {
        var length = text.EnumerateRunes().Count();
        if (limits.MaxLength is { } most && length > most) errors.Add(FieldError.TooLong(path, most));
        if (limits.MinLength is { } least && length < least)
            errors.Add(Body(path, text, $"should be at least {least} chars long"));
        if (limits.Pattern is { } pattern && !Matches(pattern, text))
            errors.Add(Body(path, text, $"should match '{pattern}'"));
    }

    private static bool Matches(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static void CheckCount(Constraints limits, JsonArray array, string path, List<FieldError> errors)
    {
        if (limits.MaxItems is { } most && array.Count > most)
            errors.Add(FieldError.TooMany(path, array.Count, most));
        if (limits.MinItems is { } least && array.Count < least)
            errors.Add(Body(path, array.Count, $"should have at least {least} items"));
        if (!limits.UniqueItems) return;
        for (var i = 1; i < array.Count; i++)
            if (array.Take(i).Any(earlier => JsonShape.Same(earlier, array[i])))
                errors.Add(Body(path, array[i], "shouldn't contain duplicates"));
    }

    private static void CheckBranches(Constraints limits, JsonNode value, string path, List<FieldError> errors)
    {
        if (!limits.AllOf.All(branch => Accepts(branch, value)))
            errors.Add(Body(path, value, "must validate all the schemas (allOf)"));
        if (limits.AnyOf.Count > 0 && !limits.AnyOf.Any(branch => Accepts(branch, value)))
            errors.Add(Body(path, value, "must validate at least one schema (anyOf)"));
        if (limits.OneOf.Count > 0 && limits.OneOf.Count(branch => Accepts(branch, value)) != 1)
            errors.Add(Body(path, value, "must validate one and only one schema (oneOf)"));
        if (limits.Not is { } not && Accepts(not, value))
            errors.Add(Body(path, value, "must not validate the schema (not)"));
    }

    private static bool Accepts(SchemaNode branch, JsonNode value)
    {
        List<FieldError> errors = [];
        Check(branch, value, "", true, errors);
        return errors.Count == 0;
    }

    private static FieldError Body(string path, JsonNode? value, string detail) =>
        FieldError.Invalid(path, value, $"{path} in body {detail}");
}
