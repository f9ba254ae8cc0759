using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using k8s.Models;

namespace SchemaGen;

/// <summary>Writes the compact text that <c>BuiltInSchemas</c> reads; its grammar is in
/// Schema/README.md.</summary>
internal static class SchemaWriter
{
    public static string Write(
        IReadOnlyDictionary<Type, ModelType> models, FieldTable table, WireNumbers wire)
    {
        var text = new StringBuilder();
        foreach (var package in models.Values.GroupBy(m => m.Package))
        {
            text.Append('@').Append(package.Key).Append('\n');
            foreach (var model in package.OrderBy(m => m.Name, StringComparer.Ordinal))
                WriteType(text, model, models, table, wire);
        }
        return text.ToString();
    }

    private static void WriteType(
        StringBuilder text, ModelType model, IReadOnlyDictionary<Type, ModelType> models, FieldTable table,
        WireNumbers wire)
    {
        text.Append(model.Name);
        foreach (var word in table.WordsOf(model, "")) text.Append(' ').Append(word);
        if (model.Group is { } group) text.Append(' ').Append(group).Append('/').Append(model.Version);
        text.Append('\n');
        foreach (var property in model.Class.GetProperties())
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>() is not { } name) continue;
            List<string> words = [.. table.WordsOf(model, name.Name)];
            var code = Code(property.PropertyType, model, models);
            if (words.Remove("micro")) code = "u";
            if (words.Remove("any")) code = "*";
            var required = words.Remove("!") || property.PropertyType is { IsValueType: true } value
                && Nullable.GetUnderlyingType(value) is null;
            text.Append(' ').Append(name.Name).Append(' ').Append(code);
            if (required) text.Append('!');
            if (wire.Of(model, name.Name) is { } number) text.Append(" #").Append(number);
            foreach (var word in words) text.Append(' ').Append(word);
            text.Append('\n');
        }
    }

    private static string Code(Type type, ModelType owner, IReadOnlyDictionary<Type, ModelType> models)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return "s";
        if (type == typeof(int)) return "i";
        if (type == typeof(long)) return "l";
        if (type == typeof(bool)) return "b";
        if (type == typeof(double)) return "d";
        if (type == typeof(DateTime)) return "t";
        if (type == typeof(ResourceQuantity)) return "q";
        if (type == typeof(IntOrString)) return "x";
        if (type == typeof(byte[])) return "y";
        if (type == typeof(object)) return "*";
        if (type.IsGenericType)
        {
            var element = Code(type.GetGenericArguments()[^1], owner, models);
            return (type.GetGenericTypeDefinition() == typeof(IList<>) ? "[]" : "{}") + element;
        }
        var target = models[type];
        return target.Package == owner.Package ? target.Name : $"{target.Package}.{target.Name}";
    }
}
