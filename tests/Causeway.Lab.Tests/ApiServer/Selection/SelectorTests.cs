using Causeway.Lab.ApiServer.Selection;
using CsCheck;

namespace Causeway.Lab.Tests.ApiServer.Selection;

public sealed class SelectorTests
{
    private static readonly Dictionary<string, string> Labels =
        new() { ["app"] = "web", ["tier"] = "front", ["a.b/c"] = "", ["n"] = "5" };

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier!=back", true)]
    [InlineData("app in (api, web)", true)]
    [InlineData("app notin (web)", false)]
    [InlineData("absent notin (web)", true)]
    [InlineData("absent!=x", true)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("! absent , a.b/c=", true)]
    [InlineData("n>4,n<6", true)]
    [InlineData("n > 5", false)]
    public void Label_selectors_match_as_in_the_API(string text, bool expected) =>
        Assert.Equal(expected, LabelSelector.Parse(text, out _)!.Matches(Labels));

    [Theory]
    [InlineData("app=web,")]
    [InlineData("=web")]
    [InlineData("app in web")]
    [InlineData("app in (web")]
    [InlineData("app ~ web")]
    [InlineData("n>x")]
    [InlineData("-app=x")]
    public void Malformed_label_selectors_are_told_with_their_text(string text)
    {
        Assert.Null(LabelSelector.Parse(text, out var fault));
        Assert.Contains(text, fault);
    }

    [Fact]
    public void Any_text_is_a_selector_or_a_fault() => Gen.String.Sample(text =>
        LabelSelector.Parse(text, out var fault) is not null || fault.Length > 0);

    [Fact]
    public void Unknown_fields_cannot_be_selected_by()
    {
        Assert.Null(FieldSelector.Parse("spec.foo=1", "pods", out var fault));
        Assert.Equal("field label not supported: spec.foo", fault);
        Assert.Equal("x", FieldSelector.Parse("metadata.name=x", "pods", out _)!.Name);
    }
}
