using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.OpenApi;

/// <summary>Writes value validations. Edition 2 has no anyOf, oneOf and not.</summary>
internal static class ConstraintText
{
    public static void Write(JsonObject text, Constraints limits, Edition edition, SchemaText schemas)
    {
        if (limits.Enum is { } values) text["enum"] = new JsonArray([.. values.Select(v => v?.DeepClone())]);
        if (limits.Pattern is { } pattern) text["pattern"] = pattern.ToString();
        Put(text, "minimum", limits.Minimum);
        Put(text, "maximum", limits.Maximum);
        Put(text, "multipleOf", limits.MultipleOf);
        Put(text, "minLength", limits.MinLength);
        Put(text, "maxLength", limits.MaxLength);
        Put(text, "minItems", limits.MinItems);
        Put(text, "maxItems", limits.MaxItems);
        Put(text, "minProperties", limits.MinProperties);
        Put(text, "maxProperties", limits.MaxProperties);
        if (limits.ExclusiveMinimum) text["exclusiveMinimum"] = true;
        if (limits.ExclusiveMaximum) text["exclusiveMaximum"] = true;
        if (limits.UniqueItems) text["uniqueItems"] = true;
        if (edition == Edition.V2) return;
        Branches(text, "allOf", limits.AllOf, schemas);
        Branches(text, "anyOf", limits.AnyOf, schemas);
        Branches(text, "oneOf", limits.OneOf, schemas);
        if (limits.Not is { } not) text["not"] = schemas.Write(not, custom: true);
    }

    private static void Branches(
        JsonObject text, string name, IReadOnlyList<SchemaNode> branches, SchemaText schemas)
    {
        if (branches.Count > 0)
            text[name] = new JsonArray([.. branches.Select(b => schemas.Write(b, custom: true))]);
    }

    private static void Put(JsonObject text, string name, decimal? value)
    {
        if (value is { } number)
            text[name] = number == decimal.Truncate(number) && Math.Abs(number) < long.MaxValue
                ? JsonValue.Create((long)number) : JsonValue.Create(number);
    }
}
