using System.Text.Json;
using Causeway.Core.Wire.Cni;
using CsCheck;

namespace Causeway.Core.Tests.Wire.Cni;

/// <summary>The JSON that the plugin prints, with messages of any text.</summary>
public sealed class PlainJsonTests
{
    private static string Print(string message) => new CniError(CniErrorCode.Agent, message, "").Print(CniVersion.Current);

    [Fact]
    public void Any_text_comes_back_as_it_was() => Gen.Char.Array[0, 40].Select(c => new string(c)).Sample(text =>
    {
        var read = JsonElement.Parse(Print(text)).GetProperty("msg").GetString();
        // Half a surrogate pair is no text.
        Assert.Equal(string.Concat(text.EnumerateRunes()), read);
    });

    [Theory]
    [InlineData("no 'such' <pod> & + ünï 日本 \U0001F600 \u007f", "no 'such' <pod> & + ünï 日本 \U0001F600 \u007f")]
    [InlineData("a \"quote\" and a \\", "a \\\"quote\\\" and a \\\\")]
    [InlineData("line\n\ttab \u0001", "line\\u000a\\u0009tab \\u0001")]
    public void Only_what_must_be_is_escaped(string text, string printed) => Assert.Contains($"\"{printed}\"", Print(text));
}
