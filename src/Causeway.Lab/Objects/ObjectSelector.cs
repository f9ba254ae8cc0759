namespace Causeway.Lab.Objects;

/// <summary>A label selector in the object form as this folder keeps it (the string form is Core's); every
/// requirement must hold. An empty one matches everything.</summary>
public sealed record ObjectSelector
{
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    public IReadOnlyList<SelectorRequirement>? MatchExpressions { get; init; }

    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var (key, value) in MatchLabels ?? Labels.None)
            if (labels?.GetValueOrDefault(key) != value) return false;
        foreach (var requirement in MatchExpressions ?? [])
            if (!requirement.Matches(labels?.GetValueOrDefault(requirement.Key))) return false;
        return true;
    }
}

/// <summary>One requirement on one key: of label selectors and of node selectors (which add Gt and
/// Lt).</summary>
public sealed record SelectorRequirement(string Key, string Operator, IReadOnlyList<string>? Values = null)
{
    /// <summary>Judges the value of the key; null means that the key is absent. An operator that does not
    /// exist matches nothing.</summary>
    public bool Matches(string? value) => Operator switch
    {
        "In" => value is not null && Values?.Contains(value) == true,
        "NotIn" => value is null || Values?.Contains(value) != true,
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(value) is > 0,
        "Lt" => Compare(value) is < 0,
        _ => false,
    };

    private int? Compare(string? value) =>
        Values is [var bound] && long.TryParse(value, out var number) && long.TryParse(bound, out var limit)
            ? number.CompareTo(limit)
            : null;
}

internal static class Labels
{
    public static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();
}
