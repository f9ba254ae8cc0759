using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>The shape of one kind.</summary>
/// <param name="DefinitionName">The name under which OpenAPI documents publish it.</param>
/// <param name="NotEvaluated">Fields whose CEL rules (x-kubernetes-validations) this server does not
/// run.</param>
public sealed record ObjectSchema(
    GroupVersionKind Kind, string DefinitionName, SchemaNode Root, bool IsCustom, IReadOnlyList<string> NotEvaluated);

/// <summary>The shapes of all kinds: those built in and those that CustomResourceDefinitions add.
/// Immutable.</summary>
public sealed class SchemaRegistry
{
    /// <summary>The kinds of Kubernetes itself.</summary>
    public static readonly SchemaRegistry BuiltIn = new(ImmutableDictionary<GroupVersionKind, ObjectSchema>.Empty);

    private readonly ImmutableDictionary<GroupVersionKind, ObjectSchema> _custom;

    private SchemaRegistry(ImmutableDictionary<GroupVersionKind, ObjectSchema> custom) => _custom = custom;

    /// <summary>What the definitions add.</summary>
    public IEnumerable<ObjectSchema> Custom => _custom.Values;

    /// <summary>A registry with these CustomResourceDefinitions, in place of all that this one has.</summary>
    /// <param name="definitions">Objects that <see cref="CustomResourceSchema.Check"/> found no fault
    /// in.</param>
    public SchemaRegistry With(IEnumerable<JsonObject> definitions)
    {
        var custom = ImmutableDictionary.CreateBuilder<GroupVersionKind, ObjectSchema>();
        foreach (var definition in definitions)
            foreach (var schema in CustomResourceSchema.Read(definition))
                custom[schema.Kind] = schema;
        return new(custom.ToImmutable());
    }

    /// <summary>Null for a kind that this server does not know. Status and DeleteOptions exist in every
    /// group.</summary>
    public ObjectSchema? Find(GroupVersionKind kind)
    {
        if (_custom.TryGetValue(kind, out var custom)) return custom;
        if (!BuiltInSchemas.Kinds.TryGetValue(kind, out var name))
        {
            var meta = kind with { Group = "", Version = "v1" };
            if (!BuiltInSchemas.Kinds.TryGetValue(meta, out name) || !IsMeta(name)) return null;
        }
        return new(kind, name, BuiltInSchemas.Definition(name), IsCustom: false, []);
    }

    private static bool IsMeta(string name) =>
        name.StartsWith(BuiltInSchemas.MetaPackage, StringComparison.Ordinal);
}
