using Causeway.Core.Addressing;
using Causeway.Core.Trace;

namespace Causeway.Core.Tests.Trace;

public sealed class TraceTargetTests
{
    [Theory]
    [InlineData("web", null, "web", 0)]
    [InlineData("demo/web", "demo", "web", 0)]
    [InlineData("demo/web-0.a:8080", "demo", "web-0.a", 8080)]
    [InlineData("www.example.org.:443", null, "www.example.org.", 443)]
    public void Names(string text, string? ns, string name, int port) =>
        Assert.Equal(new TraceTarget(null, ns, name, (ushort)port), TraceTarget.Parse(text));

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", 0)]
    [InlineData("10.0.0.1:80", "10.0.0.1", 80)]
    [InlineData("fd00::1", "fd00::1", 0)]
    [InlineData("[fd00::1]", "fd00::1", 0)]
    [InlineData("[fd00::1]:443", "fd00::1", 443)]
    public void Addresses(string text, string address, int port) =>
        Assert.Equal(new TraceTarget(IpAddress.Parse(address), null, null, (ushort)port), TraceTarget.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c")]
    [InlineData("Web")]
    [InlineData(".")]
    [InlineData("web..")]
    [InlineData("demo/web.")]
    [InlineData("web:")]
    [InlineData("web:0")]
    [InlineData("web:65536")]
    [InlineData("demo/")]
    [InlineData("[fd00::1")]
    [InlineData("010.0.0.1/8")]
    public void Nonsense_is_refused_and_quoted(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<InputException>(() => TraceTarget.Parse(text)).Message);
}
