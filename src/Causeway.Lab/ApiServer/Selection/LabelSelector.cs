using System.Globalization;

namespace Causeway.Lab.ApiServer.Selection;

/// <summary>How one requirement of a label selector judges a key's value.</summary>
internal enum LabelOperator
{
    In,
    NotIn,
    Exists,
    Absent,
    Greater,
    Less,
}

/// <summary>
/// A label selector of the query string: requirements separated by commas, all of which hold:
/// <c>k=v</c>, <c>k==v</c>, <c>k!=v</c>, <c>k in (a,b)</c>, <c>k notin (a,b)</c>, <c>k</c>, <c>!k</c>,
/// <c>k&gt;1</c>, <c>k&lt;1</c>.
/// </summary>
public sealed class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    /// <param name="fault">What is wrong, when null is returned.</param>
    public static LabelSelector? Parse(string text, out string fault)
    {
        var parser = new LabelSelectorParser(text);
        var requirements = parser.Parse();
        fault = parser.Fault ?? "";
        return requirements is null ? null : new(requirements);
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
            if (!requirement.Matches(labels))
                return false;
        return true;
    }

    internal sealed record Requirement(string Key, LabelOperator Operator, IReadOnlyList<string> Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var present = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                LabelOperator.In => present && Values.Contains(value!),
                LabelOperator.NotIn => !present || !Values.Contains(value!),
                LabelOperator.Exists => present,
                LabelOperator.Absent => !present,
                LabelOperator.Greater => present && Number(value!) is { } n && n > Number(Values[0]),
                _ => present && Number(value!) is { } n && n < Number(Values[0]),
            };
        }

        internal static long? Number(string text) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, null, out var n) ? n : null;
    }
}
