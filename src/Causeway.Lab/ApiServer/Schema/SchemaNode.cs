using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema;

/// <summary>The JSON type of a value. <see cref="Any"/> accepts, and keeps, whatever is there.</summary>
public enum SchemaType
{
    Any,
    Object,
    Array,
    String,
    Integer,
    Number,
    Boolean,
}

/// <summary>How two lists merge: as one value, as a set of scalars, or element by element under key
/// fields.</summary>
public enum ListKind
{
    Atomic,
    Set,
    Map,
}

/// <summary>What strategic merge patch does with a field that is present in the patch.</summary>
[Flags]
public enum PatchStrategies
{
    /// <summary>Objects merge, lists are replaced.</summary>
    None = 0,

    /// <summary>Lists merge by <see cref="SchemaNode.PatchKey"/>, or as sets of scalars.</summary>
    Merge = 1,

    /// <summary>The value is replaced whole.</summary>
    Replace = 2,

    /// <summary>Clients send the keys that stay, in <c>$retainKeys</c>.</summary>
    RetainKeys = 4,
}

/// <summary>The shape of one value: of a field, a list's elements, a map's values or a whole object.
/// Immutable.</summary>
public sealed class SchemaNode
{
    /// <summary>Accepts anything and keeps it.</summary>
    public static readonly SchemaNode AnyValue = new() { Type = SchemaType.Any };

    private readonly IReadOnlyDictionary<string, SchemaNode> _properties =
        FrozenDictionary<string, SchemaNode>.Empty;
    private readonly IReadOnlyList<string> _required = [];
    private readonly bool _atomicMap;

    public SchemaType Type { get; init; }

    /// <summary>The OpenAPI format (<c>int32</c>, <c>date-time</c>, <c>byte</c>...), or one of the API's own
    /// scalars:
    /// <c>quantity</c>, <c>int-or-string</c>, <c>micro-time</c>. Empty when there is none.</summary>
    public string Format { get; init; } = "";

    /// <summary>The published name of the type that this field refers to; null for a type of its
    /// own.</summary>
    public string? Reference { get; init; }

    /// <summary>By JSON name; empty unless an object with named fields.</summary>
    public IReadOnlyDictionary<string, SchemaNode> Properties
    {
        get => Target?.Value.Properties ?? _properties;
        init => _properties = value;
    }

    /// <summary>Names of fields that must be there.</summary>
    public IReadOnlyList<string> Required
    {
        get => Target?.Value.Required ?? _required;
        init => _required = value;
    }

    /// <summary>Of a map, the shape of its values.</summary>
    public SchemaNode? Values { get; init; }

    /// <summary>Of a list, the shape of its elements.</summary>
    public SchemaNode? Items { get; init; }

    public ListKind ListKind { get; init; }

    /// <summary>Of a list of kind <see cref="ListKind.Map"/>: the element fields that are the key.</summary>
    public IReadOnlyList<string> ListKeys { get; init; } = [];

    public PatchStrategies Patch { get; init; }

    /// <summary>The element field by which strategic merge patch matches; empty for sets of
    /// scalars.</summary>
    public string PatchKey { get; init; } = "";

    /// <summary>An object or map that server-side apply owns as one value.</summary>
    public bool AtomicMap
    {
        get => _atomicMap || Target is { Value.AtomicMap: true };
        init => _atomicMap = value;
    }

    /// <summary>Filled in where the field is absent. Not to be changed: clone it.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>Null is a value here, instead of meaning absent.</summary>
    public bool Nullable { get; init; }

    /// <summary>Fields that are not in <see cref="Properties"/> are kept.</summary>
    public bool PreservesUnknown { get; init; }

    /// <summary>A whole object: has apiVersion, kind and metadata.</summary>
    public bool IsResource { get; init; }

    /// <summary>What a custom resource's schema demands beyond types; null for built-in kinds.</summary>
    public Constraints? Constraints { get; init; }

    /// <summary>Where the field stands in its type's protobuf message: <c>3</c>, or <c>2.1</c> for field 1
    /// of the message in field 2, whose fields JSON shows inline. Empty when it has no such form.</summary>
    public string WireNumber { get; init; } = "";

    /// <summary>Text of people, where a custom resource's schema has it.</summary>
    public string? Description { get; init; }

    internal Lazy<SchemaNode>? Target { get; init; }

    /// <summary>Is an object with named fields, as opposed to a map with free keys.</summary>
    public bool IsStruct => Type == SchemaType.Object && Values is null;

    /// <summary>The shape of a field or map value; null when the object may not have it.</summary>
    public SchemaNode? Field(string name)
    {
        if (Type == SchemaType.Any) return AnyValue;
        if (Properties.TryGetValue(name, out var field)) return field;
        if (Values is not null) return Values;
        return PreservesUnknown ? AnyValue : null;
    }
}
