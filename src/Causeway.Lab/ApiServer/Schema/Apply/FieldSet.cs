using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Schema.Apply;

/// <summary>
/// A set of paths into an object, as a tree. Edges are path elements in their FieldsV1 form: <c>f:NAME</c>,
/// <c>k:{"KEY":VALUE}</c>, <c>v:VALUE</c>. A path is in the set when its last node is a member; a container
/// may be a member with or without members below it.
/// </summary>
internal sealed class FieldSet
{
    private const string Self = ".";

    public bool IsMember { get; set; }

    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => !IsMember && Children.Count == 0;

    /// <summary>The node one element further, made if it is not there.</summary>
    public FieldSet Enter(string element)
    {
        if (!Children.TryGetValue(element, out var child)) Children[element] = child = new();
        return child;
    }

    public FieldSet? Find(string element) => Children.GetValueOrDefault(element);

    public FieldSet Union(FieldSet other) => Combine(this, other, static (a, b) => a || b);

    public FieldSet Intersect(FieldSet other) => Combine(this, other, static (a, b) => a && b);

    public FieldSet Except(FieldSet other) => Combine(this, other, static (a, b) => a && !b);

    /// <summary>Without the paths of the other set, and without all that lies below them.</summary>
    public FieldSet ExceptBelow(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in Children)
        {
            var taken = other.Find(element);
            if (taken is { IsMember: true }) continue;
            var rest = taken is null ? child : child.ExceptBelow(taken);
            if (!rest.IsEmpty) result.Children[element] = rest;
        }
        return result;
    }

    /// <summary>With every named field on the way to a member made a member too.</summary>
    public FieldSet WithNamedParents() => WithNamedParents(isNamed: false);

    public bool SameAs(FieldSet other) => IsMember == other.IsMember && Children.Count == other.Children.Count
        && Children.All(c => other.Find(c.Key) is { } match && c.Value.SameAs(match));

    /// <summary>Every member, as the path that messages show:
    /// <c>.spec.ports[port=80,protocol="TCP"].name</c>.</summary>
    public IEnumerable<string> Paths() => Paths("");

    /// <summary>The FieldsV1 form.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && Children.Count > 0) json[Self] = new JsonObject();
        foreach (var (element, child) in Children) json[element] = child.ToJson();
        return json;
    }

    /// <summary>Null when the value is no FieldsV1.</summary>
    public static FieldSet? FromJson(JsonNode? json)
    {
        if (json is not JsonObject obj) return null;
        var set = FromObject(obj);
        if (obj.Count == 0) set?.IsMember = false;
        return set;
    }

    private static FieldSet? FromObject(JsonObject obj)
    {
        var set = new FieldSet { IsMember = obj.Count == 0 };
        foreach (var (element, value) in obj)
        {
            if (value is not JsonObject below) return null;
            if (element == Self)
            {
                set.IsMember = true;
                continue;
            }
            if (element.Length < 2 || element[1] != ':' || "fkvi".IndexOf(element[0]) < 0) return null;
            if (FromObject(below) is not { } child) return null;
            set.Children[element] = child;
        }
        return set;
    }

    private static readonly FieldSet Nothing = new();

    private static FieldSet Combine(FieldSet a, FieldSet b, Func<bool, bool, bool> rule)
    {
        var result = new FieldSet { IsMember = rule(a.IsMember, b.IsMember) };
        foreach (var element in a.Children.Keys.Union(b.Children.Keys))
        {
            var child = Combine(a.Find(element) ?? Nothing, b.Find(element) ?? Nothing, rule);
            if (!child.IsEmpty) result.Children[element] = child;
        }
        return result;
    }

    private FieldSet WithNamedParents(bool isNamed)
    {
        var result = new FieldSet { IsMember = IsMember || isNamed };
        foreach (var (element, child) in Children)
            result.Children[element] = child.WithNamedParents(element[0] == 'f');
        return result;
    }

    private IEnumerable<string> Paths(string path)
    {
        if (IsMember) yield return path;
        foreach (var (element, child) in Children)
            foreach (var deeper in child.Paths(path + PathElement.Show(element)))
                yield return deeper;
    }
}
