using System.Text;
using System.Text.Json;
using Causeway.Kubernetes.Watching;
using CsCheck;

namespace Causeway.Kubernetes.Tests.Watching;

public sealed class EventDecoderTests
{
    [Theory]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"n1","resourceVersion":"7"}}}""")]
    [InlineData("""
        {"object":{"x":[1],"metadata":{"labels":{"name":"x"},"name":"n1","resourceVersion":"7"}},
        "type":"ADDED"}
        """)]
    public void Fields_may_come_in_any_order(string line)
    {
        var decoded = EventDecoder.Decode(Encoding.UTF8.GetBytes(line), KubeTypes.Nodes, "watch");
        Assert.Equal(WatchEventKind.Added, decoded.Kind);
        Assert.Equal("n1", decoded.Object!.Metadata.Name);
        Assert.Equal("7", decoded.ResourceVersion);
    }

    [Fact]
    public void Error_event_throws_its_status()
    {
        var line = """{"type":"ERROR","object":{"code":410,"reason":"Expired","message":"too old"}}"""u8;
        var bytes = line.ToArray();
        var e = Assert.Throws<KubeException>(() => EventDecoder.Decode(bytes, KubeTypes.Nodes, "watch /x"));
        Assert.True(e.IsGone);
        Assert.Equal("watch /x: too old", e.Message);
    }

    [Fact]
    public void Random_bytes_are_an_error_and_never_a_crash() => Gen.Byte.Array[0, 80].Sample(bytes =>
    {
        try
        {
            EventDecoder.Decode(bytes, KubeTypes.Nodes, "watch");
        }
        catch (JsonException)
        {
            // What a line that is no event gives.
        }
    }, iter: 5000);

    [Fact]
    public void Cut_lines_are_an_error_and_never_a_crash()
    {
        var whole = """
            {"type":"ADDED","object":{"metadata":{"name":"n"},
            "status":{"addresses":[{"type":"a","address":"b"}]}}}
            """;
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = Encoding.UTF8.GetBytes(whole[..length]);
            Assert.ThrowsAny<JsonException>(() => EventDecoder.Decode(cut, KubeTypes.Nodes, "watch"));
        }
    }
}
