using System.Collections.Immutable;
using Causeway.Core.Cluster;
using CsCheck;

namespace Causeway.Core.Tests.Cluster;

public sealed class LabelSelectorTests
{
    private static readonly Gen<string> Key = OneOf("a", "b", "kubernetes.io/name", "in", "x_Y.9");
    private static readonly Gen<string> Value = OneOf("", "1", "two", "notin", "v-1.2_3");

    private static readonly Gen<LabelRequirement> Requirement =
        from key in Key
        from op in Gen.Enum<LabelOperator>()
        from values in Value.Array[1, 4]
        select new LabelRequirement(key, op, op switch
        {
            LabelOperator.In or LabelOperator.NotIn => [.. values],
            LabelOperator.GreaterThan or LabelOperator.LessThan => ["1"],
            _ => [],
        });

    private static readonly Gen<Dictionary<string, string>> Labels =
        Gen.Dictionary(Key, Value)[0, 4];

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData(" ! a ", "!a")]
    [InlineData("a=b", "a=b")]
    [InlineData("a==b", "a=b")]
    [InlineData("a =  b , c != d", "a=b,c!=d")]
    [InlineData("a=", "a=")]
    [InlineData("a in (b)", "a=b")]
    [InlineData("a in ()", "a=")]
    [InlineData("in in (in,notin)", "in in (in,notin)")]
    [InlineData("n > 4,n<6", "n>4,n<6")]
    [InlineData("e in (y, x,x),a=b,f notin(z,),g,!h", "a=b,e in (x,y),f notin (,z),g,!h")]
    public void Reads_what_kubernetes_reads(string text, string printed) =>
        Assert.Equal(printed, LabelSelector.Parse(text).ToString());

    [Theory]
    [InlineData("a=b,", "a label key is expected at character 5, where it ends")]
    [InlineData(",", "a label key is expected at character 1, before ','")]
    [InlineData("a b", "'in' or 'notin' is expected")]
    [InlineData("a in b", "'(' is expected at character 6, before 'b'")]
    [InlineData("a in (b", "')' is expected at character 8, where it ends")]
    [InlineData("a!b", "'=' is expected after '!'")]
    [InlineData("a=b c=d", "a comma is expected at character 5, before 'c=d'")]
    [InlineData("a=b=c", "a comma is expected at character 4, before '=c'")]
    [InlineData("n>x", "'x' is not an integer")]
    [InlineData("-a=b", "'-a' is not a label key")]
    [InlineData("A/b/c", "'A/b/c' is not a label key")]
    [InlineData("a=b$", "'b$' is not a label value")]
    public void Refuses_and_says_where(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => LabelSelector.Parse(text)).Message);

    [Theory]
    [InlineData("n>4,n<6", true)]
    [InlineData("n>5", false)]
    [InlineData("word>1", false)]
    [InlineData("absent<1", false)]
    public void Numbers_are_compared_as_numbers(string text, bool expected) => Assert.Equal(
        expected, LabelSelector.Parse(text).Matches(new Dictionary<string, string> { ["n"] = "5", ["word"] = "w" }));

    [Fact]
    public void Too_long_a_value_is_refused()
    {
        Assert.True(LabelSelector.TryParse("a=" + new string('x', 63), out _));
        Assert.False(LabelSelector.TryParse("a=" + new string('x', 64), out _));
        Assert.False(LabelSelector.TryParse(new string('x', 300), out _));
    }

    [Fact]
    public void Print_and_parse_are_inverse() => Requirement.Array[0, 5].Sample(requirements =>
    {
        var selector = LabelSelector.Of(requirements);
        Assert.Equal(selector, LabelSelector.Parse(selector.ToString()));
    });

    [Fact]
    public void Order_does_not_matter() => Requirement.Array[0, 5].Sample(requirements =>
    {
        var reversed = requirements.Reverse().Select(r => r with { Values = [.. r.Values.Reverse()] });
        Assert.Equal(LabelSelector.Of(requirements), LabelSelector.Of(reversed));
    });

    [Fact]
    public void Matches_when_every_requirement_does() => Gen.Select(Requirement.Array[0, 5], Labels).Sample(
        (requirements, labels) => Assert.Equal(
            requirements.All(r => Meaning(r, labels)), LabelSelector.Of(requirements).Matches(labels)));

    [Fact]
    public void Object_form_means_the_same() => Gen.Select(Labels, Requirement.Where(r => r.Operator <= LabelOperator.DoesNotExist).Array[0, 3], Labels).Sample(
        (matchLabels, requirements, labels) =>
        {
            var terms = new LabelSelectorTerms(matchLabels,
                [.. requirements.Select(r => new LabelExpression(r.Key, r.Operator.ToString(), r.Values))]);
            var expected = matchLabels.All(l => labels.TryGetValue(l.Key, out var v) && v == l.Value)
                && requirements.All(r => Meaning(r, labels));
            Assert.Equal(expected, LabelSelector.Of(terms).Matches(labels));
        });

    [Theory]
    [InlineData("Equals", new[] { "a" }, "'Equals' is not an operator")]
    [InlineData("In", new string[0], "In needs at least one value")]
    [InlineData("Exists", new[] { "a" }, "Exists takes no values")]
    public void Object_form_is_checked(string op, string[] values, string message)
    {
        var terms = new LabelSelectorTerms(null, [new LabelExpression("k", op, values)]);
        Assert.Contains(message, Assert.Throws<FormatException>(() => LabelSelector.Of(terms)).Message);
    }

    [Fact]
    public void Absent_labels_match_nothing_but_absence()
    {
        Assert.True(LabelSelector.Parse("!a,b!=c,d notin (e)").Matches(null));
        Assert.False(LabelSelector.Parse("a").Matches(null));
    }

    [Fact]
    public void Random_text_is_a_format_error_and_never_a_crash() =>
        OneOf("ab=!,() inot/\t\u00e9".ToCharArray()).Array[0, 30].Select(c => new string(c)).Sample(
            text => LabelSelector.TryParse(text, out var selector) || selector == LabelSelector.Everything,
            iter: 20_000);

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static bool Meaning(LabelRequirement r, Dictionary<string, string> labels) => r.Operator switch
    {
        LabelOperator.In => labels.ContainsKey(r.Key) && r.Values.Contains(labels[r.Key]),
        LabelOperator.NotIn => !labels.ContainsKey(r.Key) || !r.Values.Contains(labels[r.Key]),
        LabelOperator.Exists => labels.ContainsKey(r.Key),
        LabelOperator.GreaterThan => labels.TryGetValue(r.Key, out var more) && int.TryParse(more, out var m) && m > 1,
        LabelOperator.LessThan => labels.TryGetValue(r.Key, out var less) && int.TryParse(less, out var l) && l < 1,
        _ => !labels.ContainsKey(r.Key),
    };
}
