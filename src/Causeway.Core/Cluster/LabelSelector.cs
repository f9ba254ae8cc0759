using System.Collections.Immutable;
using System.Globalization;

namespace Causeway.Core.Cluster;

/// <summary>How a <see cref="LabelRequirement"/> compares; the names are those of
/// <c>matchExpressions</c>.</summary>
public enum LabelOperator
{
    /// <summary>The label is there and its value is one of the values.</summary>
    In,

    /// <summary>The label is absent, or its value is none of the values.</summary>
    NotIn,

    Exists,
    DoesNotExist,

    /// <summary>The value is a number greater than the one given. Only in the string form.</summary>
    GreaterThan,

    /// <summary>The value is a number less than the one given. Only in the string form.</summary>
    LessThan,
}

/// <summary>One condition of a selector.</summary>
/// <param name="Values">Sorted and distinct; empty for Exists and DoesNotExist, else not.</param>
public sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        string? value = null;
        var present = labels is not null && labels.TryGetValue(Key, out value);
        return Operator switch
        {
            LabelOperator.In => present && Values.Contains(value!, StringComparer.Ordinal),
            LabelOperator.NotIn => !present || !Values.Contains(value!, StringComparer.Ordinal),
            LabelOperator.Exists => present,
            LabelOperator.GreaterThan => present && Number(value!) > Number(Values[0]),
            LabelOperator.LessThan => present && Number(value!) < Number(Values[0]),
            _ => !present,
        };
    }

    internal static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public bool Equals(LabelRequirement? other) => other is not null
        && Key == other.Key && Operator == other.Operator
        && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Key, Operator, Values.Length);

    /// <summary>The shortest string form: <c>a=b</c>, <c>a!=b</c>, <c>a in (b,c)</c>, <c>a notin (b,c)</c>,
    /// <c>a</c>, <c>!a</c>, <c>a&gt;1</c>, <c>a&lt;1</c>.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        LabelOperator.NotIn when Values.Length == 1 => $"{Key}!={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => Key,
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        LabelOperator.LessThan => $"{Key}<{Values[0]}",
        _ => "!" + Key,
    };
}

/// <summary>
/// A Kubernetes label selector: all of its requirements must hold; with none it matches everything. Reads the
/// string form (as in URLs and <c>kubectl -l</c>) and the object form (<c>matchLabels</c>,
/// <c>matchExpressions</c>).
/// </summary>
public sealed record LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    private LabelSelector(ImmutableArray<LabelRequirement> requirements) => Requirements = requirements;

    /// <summary>Ordered by key, then by operator, so that equal selectors print alike.</summary>
    public ImmutableArray<LabelRequirement> Requirements { get; }

    /// <summary>Throws <see cref="FormatException"/> when a key or a value is not allowed in a label, or an
    /// operator has values that it cannot have.</summary>
    public static LabelSelector Of(params IEnumerable<LabelRequirement> requirements) => new(
        [.. requirements.Select(Checked).Distinct().OrderBy(r => r.Key, StringComparer.Ordinal)
            .ThenBy(r => r.Operator).ThenBy(r => r.ToString(), StringComparer.Ordinal)]);

    /// <summary>The object form. An absent selector means different things in different places of the API, so
    /// it is the caller who decides what null means.</summary>
    public static LabelSelector Of(LabelSelectorTerms terms) => Of(
        [.. (terms.MatchLabels ?? new Dictionary<string, string>())
            .Select(l => new LabelRequirement(l.Key, LabelOperator.In, [l.Value])),
        .. (terms.MatchExpressions ?? []).Select(FromExpression)]);

    /// <summary>The string form. Throws <see cref="FormatException"/> that quotes it and says where it went
    /// wrong.</summary>
    public static LabelSelector Parse(string text)
    {
        var requirements = new LabelSelectorParser(text).Read();
        try
        {
            return Of(requirements);
        }
        catch (FormatException e)
        {
            throw new FormatException($"label selector '{text}': {e.Message}", e);
        }
    }

    public static bool TryParse(string text, out LabelSelector selector) => TryParse(text, out selector, out _);

    /// <param name="fault">What is wrong, when false is returned; the selector is then everything's.</param>
    public static bool TryParse(string text, out LabelSelector selector, out string fault)
    {
        (selector, fault) = (Everything, "");
        try
        {
            selector = Parse(text);
            return true;
        }
        catch (FormatException e)
        {
            fault = e.Message;
            return false;
        }
    }

    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var requirement in Requirements)
            if (!requirement.Matches(labels)) return false;
        return true;
    }

    public bool Equals(LabelSelector? other) =>
        other is not null && Requirements.AsSpan().SequenceEqual(other.Requirements.AsSpan());

    public override int GetHashCode() => Requirements.Length == 0 ? 0 : Requirements[0].GetHashCode();

    /// <summary>The string form; empty for everything.</summary>
    public override string ToString() => string.Join(',', Requirements);

    private static LabelRequirement FromExpression(LabelExpression expression) => new(
        expression.Key,
        expression.Operator switch
        {
            "In" => LabelOperator.In,
            "NotIn" => LabelOperator.NotIn,
            "Exists" => LabelOperator.Exists,
            "DoesNotExist" => LabelOperator.DoesNotExist,
            var other => throw new FormatException(
                $"'{other}' is not an operator of a selector; there are In, NotIn, Exists, DoesNotExist"),
        },
        [.. expression.Values ?? []]);

    private static LabelRequirement Checked(LabelRequirement requirement)
    {
        LabelSyntax.CheckKey(requirement.Key);
        foreach (var value in requirement.Values) LabelSyntax.CheckValue(value);
        var compares = requirement.Operator is LabelOperator.GreaterThan or LabelOperator.LessThan;
        if (compares && requirement.Values.Any(v => LabelRequirement.Number(v) is null))
            throw new FormatException(
                $"label '{requirement.Key}': '{requirement.Values[0]}' is not an integer, which < and > need");
        var wantsValues = compares || requirement.Operator is LabelOperator.In or LabelOperator.NotIn;
        if (wantsValues && requirement.Values.IsEmpty)
            throw new FormatException(
                $"label '{requirement.Key}': {requirement.Operator} needs at least one value");
        if (!wantsValues && !requirement.Values.IsEmpty)
            throw new FormatException($"label '{requirement.Key}': {requirement.Operator} takes no values");
        return requirement with
        {
            Values = [.. requirement.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }
}

/// <summary>The object form of a selector, as manifests hold it.</summary>
public sealed record LabelSelectorTerms(
    IReadOnlyDictionary<string, string>? MatchLabels = null,
    IReadOnlyList<LabelExpression>? MatchExpressions = null);

/// <param name="Operator"><c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>.</param>
public sealed record LabelExpression(string Key, string Operator, IReadOnlyList<string>? Values = null);
