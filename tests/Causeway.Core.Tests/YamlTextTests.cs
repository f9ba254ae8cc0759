using System.Text;

namespace Causeway.Core.Tests;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("&x\n<<: *x", "*x is within what it stands for")]
    [InlineData("&x [*x]: ", "*x is within what it stands for")]
    [InlineData("a: &x {b: [1, *x]}", "*x is within what it stands for")]
    [InlineData("a: &x [1]\n? [*x]\n: 1", "*x is within a key")]
    [InlineData("a: &x [1]\n*x : 1", "*x is within a key")]
    public void A_tree_that_nobody_could_walk_is_refused(string text, string why)
    {
        Assert.False(YamlText.TryLoad(text, out _, out var fault));
        Assert.Contains(why, fault.Exception.Message);
        Assert.NotNull(fault.At);
    }

    [Fact]
    public void Nesting_that_would_take_the_stack_is_refused_where_it_becomes_too_deep()
    {
        Assert.True(YamlText.TryLoad(Nested(128), out _, out _));
        Assert.False(YamlText.TryLoad(Nested(129), out _, out var fault));
        Assert.Contains("deeper than 128 levels", fault.Exception.Message);
        Assert.False(YamlText.TryLoad(Nested(200_000), out _, out _));

        // Level upon level by names.
        var text = new StringBuilder("a0: &a0 []\n");
        for (var i = 1; i < 300; i++) text.Append($"a{i}: &a{i} [*a{i - 1}]\n");
        Assert.False(YamlText.TryLoad(text.ToString(), out _, out fault));
        Assert.Contains("deeper than 128 levels", fault.Exception.Message);
    }

    [Theory]
    [InlineData("[{0},{0}]")]
    [InlineData("{{<<: [{0},{0}]}}")]
    public void Aliases_that_multiply_without_end_are_refused(string doubled)
    {
        var text = new StringBuilder("a0: &a0 {a: 1}\n");
        for (var i = 1; i < 60; i++) text.Append($"a{i}: &a{i} {string.Format(doubled, $"*a{i - 1}")}\n");
        Assert.False(YamlText.TryLoad(text.ToString(), out _, out var fault));
        Assert.Contains("once its aliases are followed", fault.Exception.Message);
    }

    [Fact]
    public void Aliases_as_people_write_them_are_followed()
    {
        Assert.True(YamlText.TryLoad("a: &x {b: 1}\nc: *x\nd: &k e\n*k : f\n---\ng: &x [1]\nh: *x", out var documents, out _));
        Assert.Equal(2, documents.Count);
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);
}
